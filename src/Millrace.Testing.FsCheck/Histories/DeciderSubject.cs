using System.Text.Json.Nodes;

namespace Millrace.Testing;

/// <summary>The state of a decider that histories are tried on.</summary>
internal sealed class DeciderSubject<TState>(Decider<TState> decider) : HistorySubject<TState>((decider.Home ?? typeof(TState)).Assembly)
    where TState : notnull
{
    public override bool IsShared => true;

    public override TState Load(IReadOnlyList<object> events) => events.Aggregate(decider.Initial, decider.Evolve);

    public override TState After(TState subject, IReadOnlyList<object> raised) => raised.Aggregate(subject, decider.Evolve);

    /// <summary>Its members; where the state is one of several cases, behind the name of the case.</summary>
    public override JsonNode? Show(TState subject)
    {
        var shown = ValueTree.Of(subject, Trip.Json);
        return subject.GetType() == typeof(TState) ? shown : new JsonObject { [subject.GetType().Name] = shown };
    }

    public override bool AreSameInside(TState live, TState replayed) => true;
}
