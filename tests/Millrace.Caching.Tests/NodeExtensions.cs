using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Testing;

namespace Millrace.Caching.Tests;

internal static class NodeExtensions
{
    /// <summary>Asks until the answer comes from the memory of the node.</summary>
    public static Task<QueryResult<T>> AskUntilCached<T>(this Node node, IQuery<T> query) =>
        Eventually.Get(
            () => node.Ask(query), answer => answer.Source == AnswerSource.ProcessCache, Node.WaitTimeout);

    /// <summary>Returns the number of answers in the memory of the node.</summary>
    public static long CountEntries(this Node node)
    {
        var entries = -1L;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Name == "millrace.cache.entries"
                && instrument.Meter.Scope == node.Services.GetRequiredService<IMeterFactory>())
                listening.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => entries = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return entries;
    }
}
