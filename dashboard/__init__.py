"""The explorer: a Streamlit app over the library; one folder a page."""
