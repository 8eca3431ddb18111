namespace CardPayments;

/// <summary>Everything the service consists of: the generator fills this class.</summary>
[Model]
public sealed partial class Till;
