using System.Globalization;
using Millrace.Storage;

namespace Millrace.Tenancy.Shared;

/// <summary>
/// Converts a tenant's names to and from stored names in a shared storage. Each stored name starts with the tenant's
/// name and a slash. A tenant's name contains no slash, so names of different tenants never collide.
/// </summary>
/// <remarks>
/// In a shard to which a tenant was moved, a dot and the number of the move precede the slash: <c>acme.2/</c>. The
/// streams that it had in a shard before stay closed, so that the names would otherwise prevent its return.
/// </remarks>
/// <param name="tenant">The tenant.</param>
/// <param name="generation">The number of the move that brought the tenant to the shard; 0 if it never moved.</param>
internal sealed class TenantNames(TenantId tenant, int generation = 0)
{
    public const char Separator = '/';

    private const char GenerationMark = '.';

    private volatile MillraceException? _problem;

    /// <summary>Gets the prefix of all names.</summary>
    public string Prefix { get; private set; } = PrefixOf(tenant, generation);

    /// <summary>Gets the number of the move that brought the tenant to the shard; 0 if it never moved.</summary>
    public int Generation { get; private set; } = generation;

    /// <summary>Returns the prefix of a tenant's names.</summary>
    public static string PrefixOf(TenantId tenant, int generation) => generation == 0
        ? tenant.Value + Separator
        : string.Create(CultureInfo.InvariantCulture, $"{tenant.Value}{GenerationMark}{generation}{Separator}");

    /// <summary>Returns the tenant of a stream of the shared log, or null if the stream belongs to no tenant.</summary>
    public static TenantId? TenantOf(StreamId stream)
    {
        var end = stream.Value.IndexOf(Separator, StringComparison.Ordinal);
        return end > 0 && TenantId.TryParse(TenantOf(stream.Value[..end]), out var tenant) ? tenant : null;
    }

    /// <summary>Returns the tenant of a prefix without its slash.</summary>
    public static string TenantOf(string prefix) =>
        prefix.IndexOf(GenerationMark, StringComparison.Ordinal) is > 0 and var dot ? prefix[..dot] : prefix;

    /// <summary>Sets the generation, which a tool reads when it opens the storage.</summary>
    public void Use(int stored) => (Generation, Prefix) = (stored, PrefixOf(tenant, stored));

    /// <summary>
    /// Makes all further conversions fail, because the names belong to a former shard. Returns false if they do.
    /// </summary>
    public bool TryClose(MillraceException problem) =>
        Interlocked.CompareExchange(ref _problem, problem, null) is null;

    /// <exception cref="MillraceException">The names belong to a former shard.</exception>
    public void ThrowIfClosed()
    {
        if (_problem is { } problem)
            throw problem;
    }

    /// <summary>Returns the stored name for a name that the tenant uses.</summary>
    public string ToStored(string own)
    {
        ThrowIfClosed();
        return Prefix + own;
    }

    /// <summary>Returns the stored name of a tenant's stream.</summary>
    /// <exception cref="InvalidNameException">The stored name is too long.</exception>
    public StreamId ToStored(StreamId own) => new(ToStored(own.Value));

    /// <summary>Returns whether a stored name belongs to the tenant.</summary>
    public bool IsOwn(string shared) => shared.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Returns the name that the tenant uses for a stored name.</summary>
    public string ToTenant(string shared) => IsOwn(shared) ? shared[Prefix.Length..] : shared;

    /// <summary>Returns the name that the tenant uses for a stored stream.</summary>
    public StreamId ToTenant(StreamId shared) =>
        IsOwn(shared.Value) ? new StreamId(shared.Value[Prefix.Length..]) : shared;

    /// <summary>Returns the filter limited to the tenant's events.</summary>
    public EventFilter ToStored(EventFilter own) => own with { StreamPrefix = ToStored(own.StreamPrefix ?? "") };

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
