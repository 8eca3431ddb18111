namespace Shop;

/// <summary>The application of the examples in the help of the tool.</summary>
[Model]
public sealed partial class Sales;
