namespace Commerce.Fulfilments;

/// <summary>A step of a fulfilment and its status: open, begun, waiting, done, failed, undoing, undone or
/// stuck.</summary>
public sealed record FulfilmentStep(string Name, string Stand)
{
    private static readonly string[] Names =
    [
        "validate-order",
        "reserve-stock",
        "request-payment",
        "await-payment-settled",
        "confirm-payment",
        "commit-stock",
        "create-shipment",
        "ship-order",
        "confirm-order",
        "await-shipment-delivered",
        "notify-customer",
    ];

    /// <summary>Returns all steps with the status that results from a history.</summary>
    public static IReadOnlyList<FulfilmentStep> AllOf(IReadOnlyList<ProcessEntry> history)
    {
        var stands = Names.ToDictionary(name => name, _ => "open", StringComparer.Ordinal);
        foreach (var entry in history)
        {
            if (entry.Step is { } step && stands.ContainsKey(step) && StatusAfter(entry.Kind) is { } stand)
                stands[step] = stand;
        }
        return [.. Names.Select(name => new FulfilmentStep(name, stands[name]))];
    }

    private static string? StatusAfter(string entryKind) => entryKind switch
    {
        "step-begun" => "begun",
        "awaiting" => "waiting",
        "step-done" or "received" => "done",
        "step-failed" or "timed-out" => "failed",
        "compensation-begun" => "undoing",
        "compensation-done" => "undone",
        "compensation-failed" => "stuck",
        _ => null,
    };
}
