"""The audit: is every event of the store on its topic once, and every row what its events make of it?"""
