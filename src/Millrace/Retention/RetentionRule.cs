using System.Text;
using System.Text.Json.Serialization;

namespace Millrace.Retention;

/// <summary>A retention policy after its configuration, as it is also stored in the log.</summary>
internal sealed record RetentionRule
{
    /// <summary>The tenant; null for all tenants.</summary>
    public string? Tenant { get; init; }

    public RetentionTarget Target { get; init; }

    /// <summary>The name of the category or of the event type; empty for all streams.</summary>
    public string Name { get; init; } = "";

    public RetentionAction Action { get; init; }

    /// <summary>The period after which events are removed; null if they are kept.</summary>
    public string? After { get; init; }

    /// <summary>The time before which events are removed, for a removal before a date; otherwise null.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>The period after which personal data is erased; null if it is not erased.</summary>
    public string? EraseAfter { get; init; }

    /// <summary>The JSON pointer of the member with the business time; null for the recorded time.</summary>
    public string? Member { get; init; }

    /// <summary>The read models that may lose events.</summary>
    public IReadOnlyList<string> EvenIfReadBy { get; init; } = [];

    /// <summary>
    /// Whether the policy of an event type only protects streams in a removal before a date, and removes nothing.
    /// </summary>
    [JsonIgnore]
    public bool OnlyProtects { get; init; }

    [JsonIgnore]
    public bool Removes => Action is RetentionAction.Delete or RetentionAction.Archive;

    /// <summary>Gets the target, which identifies the policy in reports.</summary>
    [JsonIgnore]
    public string Id
    {
        get
        {
            var text = Target switch
            {
                RetentionTarget.Category => $"category {Name}",
                RetentionTarget.EventType => $"event type {Name}",
                _ => "all streams",
            };
            return Tenant is null ? text : $"{text} of tenant {Tenant}";
        }
    }

    /// <summary>Returns whether the policy applies to the streams of a tenant; empty without tenants.</summary>
    public bool AppliesTo(string tenant) => Tenant is null || Tenant == tenant;

    /// <summary>Returns whether data with a time is no longer kept.</summary>
    public bool IsExpired(DateTimeOffset time, DateTimeOffset now) =>
        Before is { } before ? time < before && time < now : ExpiryOf(After, time) <= now;

    /// <summary>Returns whether personal data with a time is no longer kept.</summary>
    public bool IsErasable(DateTimeOffset time, DateTimeOffset now) => ExpiryOf(EraseAfter, time) <= now;

    /// <summary>Returns the policy as a sentence, such as <c>category cart: delete after 30 days</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Id).Append(": ");
        if (EraseAfter is not null)
            text.Append("erase personal data after ").Append(EraseAfter).Append(Removes ? ", " : "");
        if (Removes)
        {
            text.Append(Action == RetentionAction.Archive ? "archive" : "delete");
            text.Append(Before is { } before ? $" before {before.UtcDateTime:yyyy-MM-dd HH:mm:ss}" : $" after {After}");
        }
        else if (EraseAfter is null)
        {
            text.Append("keep for ever");
        }
        if (Member is not null)
            text.Append(" by the time in ").Append(Member);
        return text.ToString();
    }

    private static DateTimeOffset ExpiryOf(string? period, DateTimeOffset time) =>
        RetentionPeriod.TryParse(period, out var parsed) ? parsed.ExpiryOf(time) : DateTimeOffset.MaxValue;
}
