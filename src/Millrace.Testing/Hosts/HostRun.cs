using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Projecting;
using Millrace.Storage;
using Millrace.Testing.Differences;
using Millrace.Testing.Specifications;

namespace Millrace.Testing.Hosts;

/// <summary>A running host specification, with its history and the result of the last step.</summary>
internal sealed class HostRun
{
    private readonly RoundTrip _roundTrip;
    private readonly List<string> _history = [];
    private readonly List<DeadLetter> _deadLetters = [];
    private readonly ParkedDeadLetters _parked;
    private readonly TimeSpan _limit;
    private long _startPosition;
    private Exception? _thrown;
    private string _lastStep = "nothing";
    private object? _result;
    private bool _hasResult;
    private ConsistencyToken? _token;

    public HostRun(MillraceTestHost host, TimeSpan limit)
    {
        Host = host;
        _limit = limit;
        _parked = new ParkedDeadLetters(host.DeadLetters);
        _roundTrip = new RoundTrip(null)
        {
            Named = SpecificationModel.Of(host.Services.GetRequiredService<ModelCatalog>()),
        };
    }

    public MillraceTestHost Host { get; }

    /// <summary>Gets or sets the kinds of expectations that follow the current step.</summary>
    public IReadOnlySet<HostStepKind> Expected { get; set; } = new HashSet<HostStepKind>();

    public StreamId StreamOf<TAggregate>(object id)
    {
        var definition =
            _roundTrip.Model.Catalog.Aggregates.FirstOrDefault(one => one.AggregateType == typeof(TAggregate))
            ?? throw new SpecificationException($"{typeof(TAggregate).Name} is not in the model of the host.");
        return definition.IdType.IsInstanceOfType(id)
            ? definition.StreamWith(id)
            : throw new SpecificationException(
                $"The id of {typeof(TAggregate).Name} is {definition.IdType.Name}, but {id.GetType().Name} was given.");
    }

    public async Task Append(StreamId stream, object[] events, CancellationToken cancellationToken)
    {
        foreach (var given in events)
            _history.Add($"Given in '{stream}': {_roundTrip.Display(given)}");
        try
        {
            var result = await Host.Store.Append(stream, ExpectedVersion.Any, events, cancellationToken);
            _startPosition = result.Token.Position;
        }
        catch (MillraceException exception)
        {
            var problem = Text($"What is given in '{stream}' cannot be stored: {exception.Message}");
            throw new SpecificationException(problem.ToString(), exception);
        }
        await Settle(cancellationToken);
    }

    public Task Send<TResult>(ICommand<TResult> command, SendOptions? options, CancellationToken cancellationToken) =>
        Do($"{_roundTrip.Display(command)}", async cancel =>
        {
            var sent = await Host.Commands.Send(command, options, cancel);
            _result = sent.Value;
            _hasResult = true;
            _token = sent.Token;
        }, cancellationToken);

    public Task AdvanceClock(TimeSpan time, CancellationToken cancellationToken) =>
        Do(
            string.Create(CultureInfo.InvariantCulture, $"{time:c} pass"),
            cancel => Host.Advance(time, cancel),
            cancellationToken);

    public Task Act(Func<MillraceTestHost, CancellationToken, Task> act, CancellationToken cancellationToken) =>
        Do("something is done", cancel => act(Host, cancel), cancellationToken);

    public async Task ThenEvents(StreamId? stream, object[] events, CancellationToken cancellationToken)
    {
        RequirePassed();
        var actual = new List<object>();
        await foreach (var recorded in Host.Store.ReadLog(EventFilter.All, _startPosition, cancellationToken))
        {
            // The library's own events are compared only if the specification names their stream.
            if (stream is { } one ? recorded.Stream != one : IsLibraryEvent(recorded))
                continue;
            var read = recorded.With(recorded.Payload); // The event is decoded from its bytes, as on another node.
            RoundTrip.RejectDataLoss(read, recorded.Data, $"The event at position {recorded.Position}");
            actual.AddRange(read.Parts().Select(part => part.Data));
        }
        var expected = _roundTrip.Display(_roundTrip.ReadGivenEvents(events, "Expected"));
        if (EventComparison.Between(expected, _roundTrip.Display(actual)) is { } difference)
            throw new SpecificationException(
                difference.Write(DescribeHistory, stream is null ? "" : $" in '{stream}'"));
    }

    private static bool IsLibraryEvent(RecordedEvent recorded) => recorded.Stream.Value[0] == '$'
        || (recorded.Type.StartsWith("processes.", StringComparison.Ordinal)
            && recorded.Stream.Value.StartsWith("process-", StringComparison.Ordinal));

    public Task ThenResult<TResult>(TResult expected)
    {
        RequirePassed();
        if (!_hasResult)
            throw new SpecificationException(Text("Expected a result, but no command was sent.").ToString());
        if (Equals(_result, expected))
            return Task.CompletedTask;
        var differences = ValueComparison.Between(expected, _result, _roundTrip.Json);
        return differences.Count == 0
            ? Task.CompletedTask
            : throw new SpecificationException(
                Text("The result is not as expected.")
                    .Differences("Result (- expected, + actual)", differences)
                    .ToString());
    }

    public Task ThenRefused(string invariant)
    {
        if (_thrown is not InvariantViolatedException refusal || refusal.Invariant != invariant)
            throw new SpecificationException(
                Text($"Expected a refusal by '{invariant}', but {Outcome()}.").ToString(), _thrown);
        _thrown = null;
        return Task.CompletedTask;
    }

    public Task ThenThrew<TException>(Action<TException>? inspect)
        where TException : Exception
    {
        var thrown = _thrown as TException ?? throw new SpecificationException(
            Text($"Expected {typeof(TException).Name} to be thrown, but {Outcome()}.").ToString(), _thrown);
        _thrown = null;
        inspect?.Invoke(thrown);
        return Task.CompletedTask;
    }

    public async Task ThenDocument<TKey, TDocument>(
        TKey key, TDocument? expected, string? projection, CancellationToken cancellationToken)
        where TKey : notnull
        where TDocument : class
    {
        RequirePassed();
        var definitions = _roundTrip.Model.Catalog.Projections.OfType<ProjectionDefinition<TKey, TDocument>>()
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
                    "Matching read models; name one to select it",
                    string.Join(", ", definitions.Select(one => $"'{one.Name}'")));
            }
            throw new SpecificationException(difference.ToString());
        }
    }

    public Task ThenDeadLetter(string consumer, Action<DeadLetter>? inspect)
    {
        var index = _deadLetters.FindIndex(deadLetter => deadLetter.Consumer == consumer);
        if (index < 0)
        {
            var parked =
                _deadLetters.Count == 0
                    ? "nothing was parked"
                    : "there are only: " + string.Join("; ", _deadLetters.Select(Describe));
            throw new SpecificationException(Text($"Expected a dead letter of '{consumer}', but {parked}.").ToString());
        }
        var deadLetter = _deadLetters[index];
        _deadLetters.RemoveAt(index);
        inspect?.Invoke(deadLetter);
        return Task.CompletedTask;
    }

    public Task Inspect(Func<MillraceTestHost, CancellationToken, Task> inspect, CancellationToken cancellationToken)
    {
        _deadLetters.Clear();
        return inspect(Host, cancellationToken);
    }

    public Task ThenToken(Action<ConsistencyToken> inspect)
    {
        RequirePassed();
        var token = _token
            ?? throw new SpecificationException(Text("Expected a token, but no command was sent.").ToString());
        inspect(token);
        return Task.CompletedTask;
    }

    /// <summary>Throws if the last step failed and the specification does not expect the failure.</summary>
    public void RequirePassed()
    {
        if (_thrown is not null)
            throw new SpecificationException(Text($"Expected success, but {Outcome()}.").ToString(), _thrown);
        if (_deadLetters.Count > 0
            && !Expected.Contains(HostStepKind.ThenDeadLetter)
            && !Expected.Contains(HostStepKind.ThenOn))
            throw new SpecificationException(Text($"{Describe(_deadLetters[0])}.").ToString());
    }

    /// <summary>Throws if an earlier step parked a dead letter that the specification did not expect.</summary>
    public void RequireNoDeadLetter()
    {
        if (_deadLetters.Count > 0)
            throw new SpecificationException(Text($"{Describe(_deadLetters[0])}.").ToString());
    }

    /// <summary>Returns how the document of a key differs, or null if the document is as expected.</summary>
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
        var result = await model.Get(key, cancellationToken: cancellationToken);
        var name = $"'{format.KeyText(key)}' of '{definition.Name}'";
        var expectedTree = Tree(format, expected);
        var actualTree = Tree(format, result.Value);
        if (result.Value is null && expected is not null)
            return Text($"There is no document {name}.").Section("Expected", ValueTree.Text(expectedTree));
        if (result.Value is not null && expected is null)
            return Text($"Expected no document {name}.").Section("Actual", ValueTree.Text(actualTree));
        return ValueDifferences.Between(expectedTree, actualTree).Count == 0
            ? null
            : Text($"The document {name} is not as expected.")
                .Differences("Document (- expected, + actual)", expectedTree, actualTree);
    }

    private async Task Do(string step, Func<CancellationToken, Task> act, CancellationToken cancellationToken)
    {
        _history.Add($"When {step}");
        _lastStep = step;
        _thrown = null;
        _result = null;
        _hasResult = false;
        _token = null;
        _startPosition = (await Host.Store.GetToken(cancellationToken)).Position;
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
                CultureInfo.InvariantCulture, $"'{step}' did not complete within {_limit.TotalSeconds} s.");
            throw StepTimeout.Reached(await Host.CreateSettling().Describe(problem, cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // The exception is the result of the step; the following expectation checks it.
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
        _deadLetters.RemoveAll(known => parked.Any(deadLetter => deadLetter.Id == known.Id));
        // Keys fail independently, in any order.
        _deadLetters.AddRange(parked.OrderBy(deadLetter => deadLetter.Position));
        if (_deadLetters.Count > 0
            && !Expected.Contains(HostStepKind.ThenDeadLetter)
            && !Expected.Contains(HostStepKind.ThenOn))
            throw new SpecificationException(Text($"{Describe(_deadLetters[0])}.").ToString());
        if (stuck.Count > 0 && !Expected.Contains(HostStepKind.When) && !Expected.Contains(HostStepKind.ThenOn))
        {
            var problem = Text($"The consumer '{stuck[0].Name}' is stuck.").ToString();
            throw new SpecificationException(await settling.Describe(problem, cancellationToken));
        }
    }

    private string Outcome() => _thrown switch
    {
        null => $"'{_lastStep}' passed",
        InvariantViolatedException refusal => $"'{refusal.Invariant}' refused: {refusal.Message.TrimEnd('.')}",
        _ => $"{_thrown.GetType().Name} was thrown: {_thrown.Message.TrimEnd('.')}",
    };

    private static System.Text.Json.Nodes.JsonNode? Tree<TKey, TDocument>(
        DocumentFormat<TKey, TDocument> format, TDocument? document)
        where TKey : notnull
        where TDocument : class => document is null ? null : ValueTree.Parse(format.Write(document));

    private static string Describe(DeadLetter deadLetter) =>
        $"'{deadLetter.Consumer}' could not handle the event at position {deadLetter.Position}, "
            + $"'{deadLetter.EventType}' in '{deadLetter.Stream}': "
            + $"{deadLetter.ErrorType}: {deadLetter.Message?.TrimEnd('.')}";

    private FailureText Text(string problem) => DescribeHistory(new FailureText(problem));

    private FailureText DescribeHistory(FailureText text) => text.Lines("So far", _history);
}
