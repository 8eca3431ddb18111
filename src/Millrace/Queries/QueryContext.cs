using System.Collections.Immutable;

namespace Millrace;

/// <summary>
/// The context of a query. It contains the services, the token that the answer must reflect, and the maximum wait for
/// the token.
/// </summary>
public sealed class QueryContext
{
    private Freshness _freshness;
    private ImmutableArray<Type> _readTypes = [];

    /// <summary>Creates a context.</summary>
    /// <param name="services">The services of the scope in which the query is sent.</param>
    /// <param name="after">The token that the answer must reflect; none by default.</param>
    /// <param name="wait">The maximum wait for the token.</param>
    public QueryContext(IServiceProvider services, ConsistencyToken after, TimeSpan wait)
    {
        ArgumentNullException.ThrowIfNull(services);
        Services = services;
        After = after;
        Wait = wait;
    }

    /// <summary>Gets the services of the scope in which the query is sent.</summary>
    public IServiceProvider Services { get; }

    /// <summary>Gets the token that the answer must reflect; none by default.</summary>
    public ConsistencyToken After { get; }

    /// <summary>Gets the maximum wait for the token.</summary>
    public TimeSpan Wait { get; }

    /// <summary>Gets the freshness of the answer, which is the stalest value that the read models reported.</summary>
    public Freshness Freshness => _freshness;

    /// <summary>Gets the types of the documents that the handler read with this context.</summary>
    internal IReadOnlyList<Type> ReadTypes => _readTypes;

    /// <summary>Records that the handler read documents of a type. A handler can read at the same time.</summary>
    internal void RecordRead(Type documents) => ImmutableInterlocked.Update(
        ref _readTypes, static (types, type) => types.Contains(type) ? types : types.Add(type), documents);

    /// <summary>Records the freshness of a part of the answer.</summary>
    public void RecordFreshness(Freshness freshness) => _freshness = _freshness.CombineWith(freshness);
}
