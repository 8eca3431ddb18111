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
            state = data is EventParts merged ? After(state, merged.Parts) : decider.Evolve(state, data);
        }
        return state;
    }

    public override TState After(TState subject, IReadOnlyList<object> raised) =>
        raised.Aggregate(subject, decider.Evolve);

    /// <summary>
    /// Returns the members of the state. If the state is a subtype of <typeparamref name="TState"/>, the members are
    /// nested under the name of the subtype.
    /// </summary>
    public override JsonNode? ReadPublicState(TState subject)
    {
        var publicState = ValueTree.Of(subject, RoundTrip.Json);
        return subject.GetType() == typeof(TState)
            ? publicState
            : new JsonObject { [subject.GetType().Name] = publicState };
    }

    public override JsonElement? ReadState(TState subject) => null;
}
