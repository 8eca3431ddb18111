using Millrace.Storage;

namespace Millrace.Tenancy.Shared;

/// <summary>
/// Converts a tenant's names to and from stored names in a shared storage. Each stored name starts with the tenant's
/// name and a slash. A tenant's name contains no slash, so names of different tenants never collide.
/// </summary>
internal sealed class TenantNames(TenantId tenant)
{
    public const char Separator = '/';

    /// <summary>The prefix of all names.</summary>
    public string Prefix { get; } = tenant.Value + Separator;

    /// <summary>Returns the tenant of a stream of the shared log, or null if the stream belongs to no tenant.</summary>
    public static TenantId? TenantOf(StreamId stream)
    {
        var end = stream.Value.IndexOf(Separator, StringComparison.Ordinal);
        return end > 0 && TenantId.TryParse(stream.Value[..end], out var tenant) ? tenant : null;
    }

    /// <summary>Returns the stored name for a name that the tenant uses.</summary>
    public string ToStored(string own) => Prefix + own;

    /// <summary>Returns the stored name of a tenant's stream.</summary>
    /// <exception cref="InvalidNameException">The stored name is too long.</exception>
    public StreamId ToStored(StreamId own) => new(Prefix + own.Value);

    /// <summary>Returns whether a stored name belongs to the tenant.</summary>
    public bool IsOwn(string shared) => shared.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Returns the name that the tenant uses for a stored name.</summary>
    public string ToTenant(string shared) => IsOwn(shared) ? shared[Prefix.Length..] : shared;

    /// <summary>Returns the name that the tenant uses for a stored stream.</summary>
    public StreamId ToTenant(StreamId shared) =>
        IsOwn(shared.Value) ? new StreamId(shared.Value[Prefix.Length..]) : shared;

    /// <summary>Returns the filter limited to the tenant's events.</summary>
    public EventFilter ToStored(EventFilter own) => own with { StreamPrefix = Prefix + own.StreamPrefix };

    /// <summary>Returns the tenant's original filter.</summary>
    public EventFilter ToTenant(EventFilter shared) =>
        shared with
        {
            StreamPrefix = shared.StreamPrefix is { } prefix && prefix.Length > Prefix.Length ? ToTenant(prefix) : null,
        };

    public RecordedEvent ToTenant(RecordedEvent shared) => shared.In(ToTenant(shared.Stream));

    public DeadLetter ToStored(DeadLetter own) =>
        own with
        {
            Consumer = ToStored(own.Consumer),
            Stream = ToStored(own.Stream),
        };

    public DeadLetter ToTenant(DeadLetter shared) =>
        shared with
        {
            Consumer = ToTenant(shared.Consumer),
            Stream = ToTenant(shared.Stream),
        };

    public ConsumerRecord ToTenant(ConsumerRecord shared) => shared with { Consumer = ToTenant(shared.Consumer) };

    public ReadModelRecord ToStored(ReadModelRecord own) => Renamed(own, ToStored);

    public ReadModelRecord ToTenant(ReadModelRecord shared) => Renamed(shared, ToTenant);

    private static ReadModelRecord Renamed(ReadModelRecord record, Func<string, string> name) => record with
    {
        Name = name(record.Name),
        Live = name(record.Live),
        Building = record.Building is null ? null : name(record.Building),
        Kept = record.Kept is null ? null : name(record.Kept),
        Retired = [.. record.Retired.Select(retired => retired with { Name = name(retired.Name) })],
    };
}
