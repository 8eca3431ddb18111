using System.Reflection;
using System.Text.Json.Nodes;

namespace Millrace.Testing;

/// <summary>What histories are tried on: how it is made of its events, and what holds of it. Immutable while histories run.</summary>
internal abstract class HistorySubject<T>(Assembly home)
    where T : notnull
{
    public RoundTrip Trip { get; } = new(home);

    public List<(string Name, Func<T, bool> Holds)> Always { get; } = [];

    /// <summary>What has happened before every history.</summary>
    public List<object> Given { get; } = [];

    /// <summary>Whether it is shared, so that neither a decision nor an event may change it in its place.</summary>
    public abstract bool IsShared { get; }

    /// <summary>The same as it is read back.</summary>
    public IEnumerable<object> ReadGiven() => Given.SelectMany((given, i) => Trip.Read(given, $"Given event {i + 1}"));

    /// <summary>The subject as it is loaded from its stream.</summary>
    public abstract T Load(IReadOnlyList<object> events);

    /// <summary>The subject after the events it has raised, which have been appended now.</summary>
    public abstract T After(T subject, IReadOnlyList<object> raised);

    /// <summary>What it shows of itself.</summary>
    public abstract JsonNode? Show(T subject);

    /// <summary>Whether two are the same in what they do not show.</summary>
    public abstract bool AreSameInside(T live, T replayed);
}
