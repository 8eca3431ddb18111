using System.Globalization;

namespace Millrace.Benchmarks.Data;

/// <summary>An event as a program has it in hand that is about to publish it: nothing of it is a text yet
/// but what is one.</summary>
internal readonly record struct PendingEvent(Guid Id, string Stream, DateTimeOffset Time, byte[] Body)
{
    /// <summary>When it was recorded, as messages tell it.</summary>
    public string TimeText => Time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    /// <summary>Lines, of the streams and in the order in which stores are filled with them.</summary>
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
