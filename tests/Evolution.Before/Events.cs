using System.Text.Json;
using System.Text.Json.Serialization;

namespace Evolution.Before;

/// <summary>The first deployed version of an application.</summary>
[Model]
public sealed partial class Shop;

[Event("order.created", NameReason = "The first build used this name.")]
public sealed record OrderCreated(Guid Order, decimal Total, string? Address = null);

[Event("order.paid")]
public sealed record OrderPaid(Guid Order, string Reference);

[Event("order.noted")]
public sealed record OrderNoted(Guid Order, string Text)
{
    /// <summary>Gets the members of other builds that this build does not know.</summary>
    [JsonExtensionData]
    public IReadOnlyDictionary<string, JsonElement>? More { get; init; }
}

[Event("order.viewed")]
public sealed record OrderViewed(Guid Order);

[Event("order.shipped")]
public sealed record OrderShipped(Guid Order, string Carrier);
