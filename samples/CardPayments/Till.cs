namespace CardPayments;

/// <summary>The model of the service. The generator fills this class.</summary>
[Model]
public sealed partial class Till;
