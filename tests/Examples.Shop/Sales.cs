namespace Shop;

/// <summary>The application that the examples in the tool's help are about.</summary>
[Model]
public sealed partial class Sales;
