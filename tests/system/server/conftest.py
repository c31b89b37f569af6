"""What tests of the page of the service have."""

from pages import new_page, photo
