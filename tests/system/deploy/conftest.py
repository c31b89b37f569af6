"""What tests of pages behind a proxy have."""

from pages import new_page, photo
