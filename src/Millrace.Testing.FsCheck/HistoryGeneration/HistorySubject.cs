using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Testing.Differences;
using Millrace.Testing.Specifications;

namespace Millrace.Testing.HistoryGeneration;

/// <summary>
/// The subject of histories: how to create it from its events, and its rules. Immutable while histories run.
/// </summary>
internal abstract class HistorySubject<T>(Assembly assembly)
    where T : notnull
{
    public RoundTrip RoundTrip { get; } = new(assembly);

    public List<HistoryRule<T>> Always { get; } = [];

    /// <summary>Gets the events that precede every history.</summary>
    public List<object> Given { get; } = [];

    /// <summary>Gets whether the subject is shared, so that neither a decision nor an event may mutate it.</summary>
    public abstract bool IsShared { get; }

    /// <summary>Gets or sets the name of the model as written in a test, or null if none was set.</summary>
    public string? ModelName { get; set; }

    /// <summary>Gets the code that starts a specification of the subject, or null if it cannot be written.</summary>
    public abstract string? StartCode { get; }

    /// <summary>Gets the name of the fold in messages: <c>the When of Oven</c>.</summary>
    protected abstract string FoldName { get; }

    /// <summary>Returns the given events as recorded in a stream.</summary>
    public IReadOnlyList<RecordedEvent> RecordGiven() => RoundTrip.RecordGivenEvents(Given, "Given");

    /// <summary>
    /// Throws if the subject cannot be created from the given events, because no history could start.
    /// </summary>
    /// <exception cref="SpecificationException">An event cannot be stored, or makes the fold throw. The message
    /// contains the event.</exception>
    public void RequireGiven()
    {
        var recorded = RecordGiven();
        for (var count = 1; count <= recorded.Count; count++)
        {
            try
            {
                Load([.. recorded.Take(count)]);
            }
#pragma warning disable CA1031 // Any exception of the fold is reported.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                throw new GivenEventFold(RoundTrip, FoldName).CreateError(count, Given[count - 1], exception);
            }
        }
    }

    /// <summary>Returns the subject as loaded from its stream.</summary>
    public abstract T Load(IReadOnlyList<RecordedEvent> events);

    /// <summary>Returns the subject after its raised events were appended.</summary>
    public abstract T After(T subject, IReadOnlyList<object> raised);

    /// <summary>Returns the public state of the subject.</summary>
    public abstract JsonNode? ReadPublicState(T subject);

    /// <summary>
    /// Returns the whole state of the subject for display, including private members, or null if it exposes none.
    /// </summary>
    public abstract JsonElement? ReadState(T subject);

    /// <summary>
    /// Compares the content of two subjects, including private members. Content that cannot be compared, such as
    /// services, and fields marked with <c>[NonSerialized]</c> are skipped.
    /// </summary>
    public virtual IReadOnlyList<ValueDifference> CompareState(T live, T replayed) =>
        ValueComparison.BetweenStates(live, replayed, RoundTrip.Json);
}
