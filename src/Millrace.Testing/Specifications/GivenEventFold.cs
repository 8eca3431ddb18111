using Millrace.Aggregates;

namespace Millrace.Testing.Specifications;

/// <summary>
/// Folds the given events. A failure here is an error of the specification, because the test has not started yet.
/// </summary>
/// <param name="roundTrip">Displays events.</param>
/// <param name="foldName">The name of the fold in messages: <c>the When of Oven</c>.</param>
internal sealed class GivenEventFold(RoundTrip roundTrip, string foldName)
{
    /// <summary>Folds the events one by one.</summary>
    /// <param name="given">The events as the specification contains them, for messages.</param>
    /// <param name="recorded">The same events as a store records them.</param>
    /// <param name="fold">Folds each event as it is read.</param>
    /// <exception cref="SpecificationException">The fold throws. The message contains the event and the
    /// exception.</exception>
    /// <exception cref="CannotDeserializeException">An event cannot be read. A command would fail in the same
    /// way.</exception>
    public void FoldAll(
        IReadOnlyList<object> given, IEnumerable<RecordedEvent> recorded, Action<object, RecordedEvent> fold)
    {
        var number = 0;
        foreach (var one in recorded)
        {
            var data = StreamFold.DataOf(one);
            try
            {
                fold(data, one);
            }
#pragma warning disable CA1031 // Any exception of the fold is reported.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                throw CreateError(number + 1, given[number], exception);
            }
            number++;
        }
    }

    /// <summary>Returns the error for an event that the fold cannot handle.</summary>
    public SpecificationException CreateError(int number, object given, Exception reason) =>
        new(
            $"Given event {number}, {roundTrip.Display(given)}, makes {foldName} throw {reason.GetType().Name}: "
                + $"{reason.Message.TrimEnd('.')}. "
                + "A fold must not refuse an event: fix the fold or the given events.",
            reason);
}
