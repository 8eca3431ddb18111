using System.Globalization;

namespace Millrace.Benchmarks.Data;

/// <summary>An event before it is published. As in a recorded event, the id and the time are not texts yet.</summary>
internal readonly record struct PendingEvent(Guid Id, string Stream, DateTimeOffset Time, byte[] Body)
{
    /// <summary>Gets the time of recording as a text, as messages contain it.</summary>
    public string TimeText => Time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    /// <summary>Creates events for the same streams and in the same order as in the filled stores.</summary>
    public static PendingEvent[] Make(int count)
    {
        var events = new PendingEvent[count];
        var time = DateTimeOffset.UtcNow;
        for (var i = 0; i < count; i++)
        {
            var key = SampleLines.KeyOf(i);
            events[i] = new PendingEvent(
                Guid.CreateVersion7(),
                SampleLines.StreamNames[key],
                time.AddMicroseconds(i),
                SampleLines.Instance.Payload(key));
        }
        return events;
    }
}
