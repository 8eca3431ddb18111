using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Millrace.Faults.Tests;

/// <summary>Compares the documents of eight consumers on three nodes with the log, and verifies the store.</summary>
internal sealed class ClusterModels(string connection)
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(4);

    private readonly Dictionary<(Type Model, object Key), Tally> _expected = [];
    private long _position;

    /// <summary>Checks the read models and verifies the store.</summary>
    public async Task CheckReadModels(string where)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace => ServingNode.Configure(millrace, connection)
            .ConfigureConsumers(options => options.IsEnabled = false));
        using var host = builder.Build();
        await host.StartAsync();
        var store = host.Services.GetRequiredService<EventStore>();
        await Fold(store);
        var token = await store.GetToken();
        await AssertModel<string, PageTally>(host.Services, token, document => document.Tally, where);
        await AssertModel<int, WriterTally>(host.Services, token, document => document.Tally, where);
        await AssertModel<long, PairTally>(host.Services, token, document => document.Tally, where);
        await AssertModel<long, ThirdTally>(host.Services, token, document => document.Tally, where);
        await AssertModel<long, SeventhTally>(host.Services, token, document => document.Tally, where);
        await AssertModel<long, EleventhTally>(host.Services, token, document => document.Tally, where);
        await AssertModel<int, TeamTally>(host.Services, token, document => document.Tally, where);
        await AssertModel<int, LengthTally>(host.Services, token, document => document.Tally, where);
        var report = await store.Verify();
        var problems = report.Checks.SelectMany(check =>
            check.Problems.Select(problem => $"{check.Guarantee}: {problem}"));
        Assert.True(report.IsSound && report.LostEvents == 0, $"In {where}: {string.Join("; ", problems)}");
        await host.StopAsync();
    }

    private async Task Fold(EventStore store)
    {
        await foreach (var recorded in store.ReadLog(EventFilter.All, _position))
        {
            _position = recorded.Position;
            if (recorded.Data is not NoteWritten note)
                continue;
            Add<PageTally>(PageTallies.Key(note), note);
            Add<WriterTally>(WriterTallies.Key(note), note);
            Add<PairTally>(PairTallies.Key(note), note);
            Add<ThirdTally>(ThirdTallies.Key(note), note);
            Add<SeventhTally>(SeventhTallies.Key(note), note);
            Add<EleventhTally>(EleventhTallies.Key(note), note);
            Add<TeamTally>(TeamTallies.Key(note), note);
            Add<LengthTally>(LengthTallies.Key(note), note);
        }
    }

    private void Add<TModel>(object key, NoteWritten note) =>
        _expected[(typeof(TModel), key)] = Tally.Add(_expected.GetValueOrDefault((typeof(TModel), key)), note);

    private async Task AssertModel<TKey, TModel>(
        IServiceProvider services, ConsistencyToken token, Func<TModel, Tally> tally, string where)
        where TKey : notnull
        where TModel : class
    {
        var model = services.GetRequiredService<IReadModel<TKey, TModel>>();
        foreach (var ((_, key), expected) in _expected.Where(pair => pair.Key.Model == typeof(TModel)))
        {
            var read = await model.Get((TKey)key, new ReadAfter(token, WaitTimeout));
            Assert.True(
                read.IsFresh,
                $"{typeof(TModel).Name} did not reach the end of the log within {WaitTimeout}, in {where}.");
            Assert.True(
                read.Value is { } document && tally(document) == expected,
                $"{typeof(TModel).Name} {key} is {read.Value} instead of {expected}, in {where}.");
        }
    }
}
