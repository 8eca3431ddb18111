using Millrace.Storage;

namespace Millrace;

/// <summary>
/// The names of a tenant's things in a storage that several tenants share: each begins with the tenant's and a slash,
/// which no tenant's name holds, so that no name of one can begin as another's do.
/// </summary>
internal sealed class TenantNames(TenantId tenant)
{
    public const char Separator = '/';

    /// <summary>What all names begin with.</summary>
    public string Prefix { get; } = tenant.Value + Separator;

    /// <summary>The tenant of a stream of the shared log; null when it is nobody's.</summary>
    public static TenantId? TenantOf(StreamId stream)
    {
        var end = stream.Value.IndexOf(Separator, StringComparison.Ordinal);
        return end > 0 && TenantId.TryParse(stream.Value[..end], out var tenant) ? tenant : null;
    }

    /// <summary>The name under which something of the tenant is stored.</summary>
    public string Shared(string own) => Prefix + own;

    /// <summary>The same of a stream.</summary>
    /// <exception cref="InvalidNameException">It is too long with the tenant's name before it.</exception>
    public StreamId Shared(StreamId own) => new(Prefix + own.Value);

    /// <summary>Whether something that is stored is the tenant's.</summary>
    public bool IsOwn(string shared) => shared.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>The name that the tenant knows it by.</summary>
    public string Own(string shared) => IsOwn(shared) ? shared[Prefix.Length..] : shared;

    /// <summary>The same of a stream.</summary>
    public StreamId Own(StreamId shared) => IsOwn(shared.Value) ? new StreamId(shared.Value[Prefix.Length..]) : shared;

    /// <summary>The same events, of this tenant alone.</summary>
    public EventFilter Shared(EventFilter own) => own with { StreamPrefix = Prefix + own.StreamPrefix };

    /// <summary>What the tenant had asked for.</summary>
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
