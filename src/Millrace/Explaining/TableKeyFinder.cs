using Millrace.Consuming;
using Millrace.Projecting.Replays;

namespace Millrace.Explaining;

/// <summary>Finds the key that a projection into tables assigns to an event.</summary>
internal sealed class TableKeyFinder(SqlProjection projection) : KeyFinder
{
    public override void Collect(RecordedEvent recorded, List<string> keys)
    {
        StoredEventTypes.RequireReadable(recorded);
        keys.Add(projection.Key(recorded));
    }
}
