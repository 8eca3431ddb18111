namespace Commerce;

/// <summary>
/// Everything the shop consists of: the generator fills this class with the events, aggregates, handlers and
/// projections of the assembly.
/// </summary>
[Model]
public sealed partial class Shop;
