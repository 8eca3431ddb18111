namespace Commerce;

/// <summary>
/// The model of the shop: the generator fills this class with the events, aggregates, handlers and projections of the
/// assembly.
/// </summary>
[Model]
public sealed partial class Shop;
