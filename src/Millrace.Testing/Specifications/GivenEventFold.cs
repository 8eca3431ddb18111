namespace Millrace.Testing;

/// <summary>Folds what was given. An error there is the specification's own: nothing has come of it yet that could be
/// expected.</summary>
/// <param name="trip">How events are shown.</param>
/// <param name="folder">What folds, for the error: <c>the When of Oven</c>.</param>
internal sealed class GivenEventFold(RoundTrip trip, string folder)
{
    /// <summary>Folds event by event.</summary>
    /// <param name="given">The events as they were given, for the error.</param>
    /// <param name="recorded">The same as they stand in a store.</param>
    /// <param name="fold">Takes what each is read as.</param>
    /// <exception cref="SpecificationException">The fold throws; says at which event, and what.</exception>
    /// <exception cref="CannotDeserializeException">What is stored cannot be read, as a command would find
    /// out.</exception>
    public void Each(
        IReadOnlyList<object> given, IEnumerable<RecordedEvent> recorded, Action<object, RecordedEvent> fold)
    {
        var place = 0;
        foreach (var one in recorded)
        {
            var data = StreamFold.DataOf(one);
            try
            {
                fold(data, one);
            }
#pragma warning disable CA1031 // Whatever the fold throws is told as what it is.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                throw Refused(place + 1, given[place], exception);
            }
            place++;
        }
    }

    /// <summary>The error for an event that the fold cannot take.</summary>
    public SpecificationException Refused(int place, object given, Exception reason) =>
        new(
            $"Given event {place}, {trip.Show(given)}, makes {folder} throw {reason.GetType().Name}: "
                + $"{reason.Message.TrimEnd('.')}. "
                + "What has happened is not refused: mend the fold, or what is given.",
            reason);
}
