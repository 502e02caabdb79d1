"""Rules that refuse a claim, or a sentence, without a model. Each returns a reason, or an empty string."""
