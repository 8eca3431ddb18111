using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Aggregates;
using Millrace.Testing.Differences;

namespace Millrace.Testing.HistoryGeneration;

/// <summary>The state of a decider under test.</summary>
/// <param name="decider">The decider.</param>
/// <param name="code">The C# expression for the decider in a test, or null if unknown.</param>
internal sealed class DeciderSubject<TState>(Decider<TState> decider, string? code)
    : HistorySubject<TState>((decider.DeclaringType ?? typeof(TState)).Assembly)
    where TState : notnull
{
    public override bool IsShared => true;

    public override string? StartCode => code is null ? null : $"Specification.For({code})";

    protected override string FoldName => $"the Evolve of '{decider.Category}'";

    public override TState Load(IReadOnlyList<RecordedEvent> events)
    {
        var state = decider.Initial;
        foreach (var recorded in events)
        {
            var data = StreamFold.DataOf(recorded);
            state = data is EventParts several ? After(state, several.Parts) : decider.Evolve(state, data);
        }
        return state;
    }

    public override TState After(TState subject, IReadOnlyList<object> raised) =>
        raised.Aggregate(subject, decider.Evolve);

    /// <summary>
    /// Returns the members of the state. If the state is a subtype of <typeparamref name="TState"/>, they are nested
    /// under the name of the subtype.
    /// </summary>
    public override JsonNode? Show(TState subject)
    {
        var shown = ValueTree.Of(subject, Trip.Json);
        return subject.GetType() == typeof(TState) ? shown : new JsonObject { [subject.GetType().Name] = shown };
    }

    public override JsonElement? ReadState(TState subject) => null;
}
