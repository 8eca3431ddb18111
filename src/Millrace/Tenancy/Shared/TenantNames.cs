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

    /// <summary>Returns the stored name of a tenant's name.</summary>
    public string Shared(string own) => Prefix + own;

    /// <summary>Returns the stored name of a tenant's stream.</summary>
    /// <exception cref="InvalidNameException">The stored name is too long.</exception>
    public StreamId Shared(StreamId own) => new(Prefix + own.Value);

    /// <summary>Returns whether a stored name belongs to the tenant.</summary>
    public bool IsOwn(string shared) => shared.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Returns the tenant's name of a stored name.</summary>
    public string Own(string shared) => IsOwn(shared) ? shared[Prefix.Length..] : shared;

    /// <summary>Returns the tenant's name of a stored stream.</summary>
    public StreamId Own(StreamId shared) => IsOwn(shared.Value) ? new StreamId(shared.Value[Prefix.Length..]) : shared;

    /// <summary>Returns the filter limited to the tenant's events.</summary>
    public EventFilter Shared(EventFilter own) => own with { StreamPrefix = Prefix + own.StreamPrefix };

    /// <summary>Returns the tenant's original filter.</summary>
    public EventFilter Own(EventFilter shared) =>
        shared with
        {
            StreamPrefix = shared.StreamPrefix is { } prefix && prefix.Length > Prefix.Length ? Own(prefix) : null,
        };

    public RecordedEvent Own(RecordedEvent shared) => shared.In(Own(shared.Stream));

    public DeadLetter Shared(DeadLetter own) =>
        own with
        {
            Consumer = Shared(own.Consumer),
            Stream = Shared(own.Stream),
        };

    public DeadLetter Own(DeadLetter shared) =>
        shared with
        {
            Consumer = Own(shared.Consumer),
            Stream = Own(shared.Stream),
        };

    public ConsumerRecord Own(ConsumerRecord shared) => shared with { Consumer = Own(shared.Consumer) };

    public ReadModelRecord Shared(ReadModelRecord own) => Renamed(own, Shared);

    public ReadModelRecord Own(ReadModelRecord shared) => Renamed(shared, Own);

    private static ReadModelRecord Renamed(ReadModelRecord record, Func<string, string> name) => record with
    {
        Name = name(record.Name),
        Live = name(record.Live),
        Building = record.Building is null ? null : name(record.Building),
        Kept = record.Kept is null ? null : name(record.Kept),
        Retired = [.. record.Retired.Select(retired => retired with { Name = name(retired.Name) })],
    };
}
