using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Storage;

namespace Millrace.Testing;

/// <summary>A specification of a host as it runs: what has happened so far, and what came of the last step.</summary>
internal sealed class HostRun
{
    private readonly RoundTrip _trip;
    private readonly List<string> _history = [];
    private readonly List<DeadLetter> _letters = [];
    private readonly ParkedDeadLetters _parked;
    private readonly TimeSpan _limit;
    private long _begin;
    private Exception? _thrown;
    private string _what = "nothing";
    private object? _result;
    private bool _hasResult;
    private ConsistencyToken? _token;

    public HostRun(MillraceTestHost host, TimeSpan limit)
    {
        (Host, _limit, _parked) = (host, limit, new ParkedDeadLetters(host.DeadLetters));
        _trip = new RoundTrip(null) { Named = SpecificationModel.Of(host.Services.GetRequiredService<ModelCatalog>()) };
    }

    public MillraceTestHost Host { get; }

    /// <summary>What the steps that follow look at.</summary>
    public IReadOnlySet<HostStepKind> Expected { get; set; } = new HashSet<HostStepKind>();

    public StreamId StreamOf<TAggregate>(object id)
    {
        var definition = _trip.Model.Catalog.Aggregates.FirstOrDefault(one => one.AggregateType == typeof(TAggregate))
            ?? throw new SpecificationException($"{typeof(TAggregate).Name} is not in the model of the host.");
        return definition.IdType.IsInstanceOfType(id)
            ? definition.StreamWith(id)
            : throw new SpecificationException(
                $"The id of {typeof(TAggregate).Name} is {definition.IdType.Name}, but {id.GetType().Name} was given.");
    }

    public async Task Append(StreamId stream, object[] events, CancellationToken cancellationToken)
    {
        foreach (var given in events)
            _history.Add($"Given in '{stream}': {_trip.Show(given)}");
        try
        {
            _begin = (await Host.Store.Append(stream, ExpectedVersion.Any, events, cancellationToken)).Token.Position;
        }
        catch (MillraceException exception)
        {
            var problem = Text($"What is given in '{stream}' cannot be stored: {exception.Message}");
            throw new SpecificationException(problem.ToString(), exception);
        }
        await Settle(cancellationToken);
    }

    public Task Send<TResult>(ICommand<TResult> command, SendOptions? options, CancellationToken cancellationToken) =>
        Do($"{_trip.Show(command)}", async cancel =>
        {
            var sent = await Host.Commands.Send(command, options, cancel);
            (_result, _hasResult, _token) = (sent.Value, true, sent.Token);
        }, cancellationToken);

    public Task Pass(TimeSpan time, CancellationToken cancellationToken) =>
        Do(
            string.Create(CultureInfo.InvariantCulture, $"{time:c} pass"),
            cancel => Host.Advance(time, cancel),
            cancellationToken);

    public Task Act(Func<MillraceTestHost, CancellationToken, Task> act, CancellationToken cancellationToken) =>
        Do("something is done", cancel => act(Host, cancel), cancellationToken);

    public async Task ThenEvents(StreamId? stream, object[] events, CancellationToken cancellationToken)
    {
        RequirePassed();
        var followed = new List<object>();
        await foreach (var recorded in Host.Store.ReadLog(EventFilter.All, _begin, cancellationToken))
        {
            // What the platform notes for itself is looked at by its stream's name only.
            if (stream is { } one ? recorded.Stream != one : IsOfPlatform(recorded))
                continue;
            var read = recorded.With(recorded.Payload); // From its bytes, as another node reads it.
            RoundTrip.RejectDataLoss(read, recorded.Data, $"The event at position {recorded.Position}");
            followed.AddRange(read.Parts().Select(part => part.Data));
        }
        var expected = _trip.Show(_trip.ReadGivenEvents(events, "Expected"));
        if (EventComparison.Between(expected, _trip.Show(followed)) is { } difference)
            throw new SpecificationException(
                difference.Write(DescribeHistory, stream is null ? "" : $" in '{stream}'"));
    }

    private static bool IsOfPlatform(RecordedEvent recorded) => recorded.Stream.Value[0] == '$'
        || (recorded.Type.StartsWith("processes.", StringComparison.Ordinal)
            && recorded.Stream.Value.StartsWith("process-", StringComparison.Ordinal));

    public Task ThenResult<TResult>(TResult expected)
    {
        RequirePassed();
        if (!_hasResult)
            throw new SpecificationException(Text("Expected an answer, but no command was sent.").ToString());
        if (Equals(_result, expected))
            return Task.CompletedTask;
        var differences = ValueComparison.Between(expected, _result, _trip.Json);
        return differences.Count == 0
            ? Task.CompletedTask
            : throw new SpecificationException(
                Text("The answer is not as expected.").Differences("Answer (- expected, + is)", differences).ToString()
            );
    }

    public Task ThenRefused(string invariant)
    {
        if (_thrown is not InvariantViolatedException refusal || refusal.Invariant != invariant)
            throw new SpecificationException(
                Text($"Expected a refusal by '{invariant}', but {Outcome()}.").ToString(), _thrown);
        _thrown = null;
        return Task.CompletedTask;
    }

    public Task ThenThrew<TException>(Action<TException>? look)
        where TException : Exception
    {
        var thrown = _thrown as TException ?? throw new SpecificationException(
            Text($"Expected {typeof(TException).Name} to be thrown, but {Outcome()}.").ToString(), _thrown);
        _thrown = null;
        look?.Invoke(thrown);
        return Task.CompletedTask;
    }

    public async Task ThenDocument<TKey, TDocument>(
        TKey key, TDocument? expected, string? projection, CancellationToken cancellationToken)
        where TKey : notnull
        where TDocument : class
    {
        RequirePassed();
        var definitions = _trip.Model.Catalog.Projections.OfType<ProjectionDefinition<TKey, TDocument>>()
            .Where(one => projection is null || one.Name == projection || one.Collection == projection)
            .DistinctBy(one => one.Name).ToList();
        if (definitions.Count == 0)
        {
            throw new SpecificationException(
                $"The host has no projection {(projection is null ? "" : $"'{projection}' ")}of "
                    + $"{typeof(TDocument).Name} "
                + $"by {typeof(TKey).Name}.");
        }
        foreach (var definition in definitions)
        {
            if (await FindDifference(definition, key, expected, cancellationToken) is not { } difference)
                continue;
            if (definitions.Count > 1)
            {
                difference.Section(
                    "Read models that are meant, unless one is named",
                    string.Join(", ", definitions.Select(one => $"'{one.Name}'")));
            }
            throw new SpecificationException(difference.ToString());
        }
    }

    public Task ThenDeadLetter(string consumer, Action<DeadLetter>? look)
    {
        var index = _letters.FindIndex(letter => letter.Consumer == consumer);
        if (index < 0)
        {
            var parked =
                _letters.Count == 0
                    ? "nothing was parked"
                    : "there are only: " + string.Join("; ", _letters.Select(Describe));
            throw new SpecificationException(Text($"Expected a dead letter of '{consumer}', but {parked}.").ToString());
        }
        var letter = _letters[index];
        _letters.RemoveAt(index);
        look?.Invoke(letter);
        return Task.CompletedTask;
    }

    public Task Look(Func<MillraceTestHost, CancellationToken, Task> look, CancellationToken cancellationToken)
    {
        _letters.Clear();
        return look(Host, cancellationToken);
    }

    public Task ThenToken(Action<ConsistencyToken> look)
    {
        RequirePassed();
        look(_token ?? throw new SpecificationException(Text("Expected a token, but no command was sent.").ToString()));
        return Task.CompletedTask;
    }

    /// <summary>What was thrown and nobody expected fails.</summary>
    public void RequirePassed()
    {
        if (_thrown is not null)
            throw new SpecificationException(Text($"It was to pass, but {Outcome()}.").ToString(), _thrown);
        if (_letters.Count > 0
            && !Expected.Contains(HostStepKind.ThenDeadLetter)
            && !Expected.Contains(HostStepKind.ThenOn))
            throw new SpecificationException(Text($"{Describe(_letters[0])}.").ToString());
    }

    /// <summary>What was parked before, and not looked at, is not what the steps that follow expect.</summary>
    public void RequireNothingLeft()
    {
        if (_letters.Count > 0)
            throw new SpecificationException(Text($"{Describe(_letters[0])}.").ToString());
    }

    /// <summary>Where the document of a key differs; null where it is as expected.</summary>
    private async Task<FailureText?> FindDifference<TKey, TDocument>(
        ProjectionDefinition<TKey, TDocument> definition,
        TKey key,
        TDocument? expected,
        CancellationToken cancellationToken)
        where TKey : notnull
        where TDocument : class
    {
        var format = new DocumentFormat<TKey, TDocument>(definition);
        var model = Host.Services.GetRequiredKeyedService<IReadModel<TKey, TDocument>>(definition.Name);
        var answer = await model.Get(key, cancellationToken: cancellationToken);
        var name = $"'{format.KeyText(key)}' of '{definition.Name}'";
        var (want, have) = (Tree(format, expected), Tree(format, answer.Value));
        if (answer.Value is null && expected is not null)
            return Text($"There is no document {name}.").Section("Expected", ValueTree.Text(want));
        if (answer.Value is not null && expected is null)
            return Text($"There was to be no document {name}.").Section("But there is", ValueTree.Text(have));
        return ValueDifferences.Between(want, have).Count == 0
            ? null
            : Text($"The document {name} is not as expected.").Differences("Document (- expected, + is)", want, have);
    }

    private async Task Do(string what, Func<CancellationToken, Task> act, CancellationToken cancellationToken)
    {
        _history.Add($"When {what}");
        (_what, _thrown, _result, _hasResult, _token) = (what, null, null, false, null);
        _begin = (await Host.Store.GetToken(cancellationToken)).Position;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_limit);
        try
        {
            await act(limit.Token).WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
            when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            var problem = string.Create(
                CultureInfo.InvariantCulture, $"'{what}' did not end within {_limit.TotalSeconds} s.");
            throw StepTimeout.Reached(await Host.CreateSettling().Describe(problem, cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // The application's exception is the result; the expectation that follows checks it.
        catch (Exception exception) when (exception is not SpecificationException && !StepTimeout.IsReached(exception))
#pragma warning restore CA1031
        {
            _thrown = exception;
        }
        await Settle(cancellationToken);
    }

    private async Task Settle(CancellationToken cancellationToken)
    {
        var settling = Host.CreateSettling();
        var stuck = await settling.Wait(_limit, cancellationToken);
        var parked = await _parked.ListNew(cancellationToken);
        _letters.RemoveAll(before => parked.Any(letter => letter.Id == before.Id));
        _letters.AddRange(parked.OrderBy(letter => letter.Position)); // Keys fail beside each other, in any order.
        if (_letters.Count > 0
            && !Expected.Contains(HostStepKind.ThenDeadLetter)
            && !Expected.Contains(HostStepKind.ThenOn))
            throw new SpecificationException(Text($"{Describe(_letters[0])}.").ToString());
        if (stuck.Count > 0 && !Expected.Contains(HostStepKind.When) && !Expected.Contains(HostStepKind.ThenOn))
        {
            var problem = Text($"The consumer '{stuck[0].Name}' does not get on by itself.").ToString();
            throw new SpecificationException(await settling.Describe(problem, cancellationToken));
        }
    }

    private string Outcome() => _thrown switch
    {
        null => $"'{_what}' passed",
        InvariantViolatedException refusal => $"'{refusal.Invariant}' refused: {refusal.Message.TrimEnd('.')}",
        _ => $"{_thrown.GetType().Name} was thrown: {_thrown.Message.TrimEnd('.')}",
    };

    private static System.Text.Json.Nodes.JsonNode? Tree<TKey, TDocument>(
        DocumentFormat<TKey, TDocument> format, TDocument? document)
        where TKey : notnull
        where TDocument : class => document is null ? null : ValueTree.Parse(format.Write(document));

    private static string Describe(DeadLetter letter) =>
        $"'{letter.Consumer}' could not handle the event at position {letter.Position}, '{letter.EventType}' in "
            + $"'{letter.Stream}': "
        + $"{letter.ErrorType}: {letter.Message?.TrimEnd('.')}";

    private FailureText Text(string problem) => DescribeHistory(new FailureText(problem));

    private FailureText DescribeHistory(FailureText text) => text.Lines("So far", _history);
}
