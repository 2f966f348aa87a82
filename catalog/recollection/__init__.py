"""Re-collection (重复收集): what forms ask although sharing could supply it (Order 809, art. 19)."""
