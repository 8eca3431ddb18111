using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Millrace.Testing;

/// <summary>What histories are tried on: how it is made of its events, and what holds of it. Immutable while histories
/// run.</summary>
internal abstract class HistorySubject<T>(Assembly home)
    where T : notnull
{
    public RoundTrip Trip { get; } = new(home);

    public List<HistoryRule<T>> Always { get; } = [];

    /// <summary>What has happened before every history.</summary>
    public List<object> Given { get; } = [];

    /// <summary>Whether it is shared, so that neither a decision nor an event may change it in its place.</summary>
    public abstract bool IsShared { get; }

    /// <summary>The model that was named, as a test writes it; null where none was.</summary>
    public string? ModelName { get; set; }

    /// <summary>How a specification of it begins, as code; null where that cannot be written.</summary>
    public abstract string? Beginning { get; }

    /// <summary>What folds events into it, for errors: <c>the When of Oven</c>.</summary>
    protected abstract string Folder { get; }

    /// <summary>What was given, as it stands in a stream.</summary>
    public IReadOnlyList<RecordedEvent> RecordGiven() => Trip.RecordGivenEvents(Given, "Given");

    /// <summary>Refuses given events that it cannot be made of: no history could begin.</summary>
    /// <exception cref="SpecificationException">One cannot be stored, or makes the fold throw; says which.</exception>
    public void RequireGiven()
    {
        var recorded = RecordGiven();
        for (var count = 1; count <= recorded.Count; count++)
        {
            try
            {
                Load([.. recorded.Take(count)]);
            }
#pragma warning disable CA1031 // Whatever the fold throws is told as what it is.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                throw new GivenEventFold(Trip, Folder).Refused(count, Given[count - 1], exception);
            }
        }
    }

    /// <summary>The subject as it is loaded from its stream.</summary>
    public abstract T Load(IReadOnlyList<RecordedEvent> events);

    /// <summary>The subject after the events it has raised, which have been appended now.</summary>
    public abstract T After(T subject, IReadOnlyList<object> raised);

    /// <summary>What it shows of itself.</summary>
    public abstract JsonNode? Show(T subject);

    /// <summary>Its state, what it does not show as well, as it tells it to people; null when it tells
    /// nothing.</summary>
    public abstract JsonElement? Tell(T subject);

    /// <summary>
    /// Where two differ in what they hold, whether they show it or not. What cannot be compared, such as a service, is
    /// passed over, and so is a field that is marked with <c>[NonSerialized]</c>.
    /// </summary>
    public virtual IReadOnlyList<ValueDifference> CompareState(T live, T replayed) =>
        ValueComparison.BetweenStates(live, replayed, Trip.Json);
}
