using System.Collections.Concurrent;
using System.Diagnostics;
using Millrace.PostgreSql;
using Millrace.PostgreSql.Schema;
using Millrace.Storage;
using Npgsql;

namespace Millrace.Faults.Tests;

/// <summary>Runs schedules on three nodes of one database. Each node is a store with its own connections.</summary>
internal sealed class ScheduleRun(IReadOnlyList<PostgreSqlStorage> nodes, string connection) : IAsyncDisposable
{
    /// <summary>The prefix of the application names of the nodes' connections.</summary>
    public const string NodeName = "schedule-node-";

    private readonly NpgsqlDataSource _adminSource = NpgsqlDataSource.Create(
        connection + ";Application Name=admin;Maximum Pool Size=10");

    /// <summary>Runs a schedule, and returns the operations of the nodes with their results.</summary>
    public async Task<IReadOnlyList<Operation>> Run(Schedule schedule)
    {
        var history = new ConcurrentQueue<Operation>();
        var versions = new ConcurrentDictionary<string, long>();
        foreach (var round in schedule.Rounds)
        {
            await Task.WhenAll(round.Select(step => Task.Run(async () =>
            {
                if (step.DelayMs > 0)
                    await Pause.For(TimeSpan.FromMilliseconds(step.DelayMs));
                if (await Execute(step, schedule.Stream(step.Stream), versions) is not { } operation)
                    return;
                history.Enqueue(operation);
                var version = operation.Kind == OperationKind.Read ? operation.Ids.Count : operation.Version;
                versions.AddOrUpdate(operation.Stream, version, (_, known) => Math.Max(known, version));
            })));
        }
        return [.. history];
    }

    public ValueTask DisposeAsync() => _adminSource.DisposeAsync();

    private async Task<Operation?> Execute(
        ScheduledStep step, string stream, ConcurrentDictionary<string, long> versions)
    {
        var known = versions.GetValueOrDefault(stream);
        switch (step.Kind)
        {
            case StepKind.Read:
                return await Read(step.Node, stream);
            case StepKind.HoldLock:
                await HoldLock();
                return null;
            case StepKind.RollBack:
                return await Append(step, stream, known, fails: true);
            case StepKind.KillWhileCommitting:
                var append = Append(step, stream, known);
                await TerminateBackEnds(step.Node);
                return await append;
            case StepKind.KillAndCommit:
                await TerminateBackEnds(step.Node);
                return await Append(step, stream, known);
            default:
                return await Append(step, stream, step.Kind == StepKind.CommitAny ? -1 : known);
        }
    }

    private async Task<Operation> Append(ScheduledStep step, string stream, long expected, bool fails = false)
    {
        var events = Enumerable.Range(0, step.Events).Select(_ => new EncodedEvent
        {
            Id = Guid.NewGuid(),
            HasCallerId = true,
            Type = "plan.made",
            Payload = "{}"u8.ToArray(),
        }).ToArray();
        var expectedVersion = expected < 0 ? ExpectedVersion.Any : ExpectedVersion.AsRead(expected);
        var request = new CommitRequest
        {
            Appends = [new StreamAppend(new StreamId(stream), expectedVersion, events)],
            Statements = fails ? [new SqlStatement("SELECT 1 / 0", [])] : [],
        };
        var operation = new Operation(
            step.Node, stream, OperationKind.Append, Stopwatch.GetTimestamp(), Operation.Never)
        {
            Expected = expected,
            Ids = Array.ConvertAll(events, encoded => encoded.Id),
        };
        try
        {
            var outcomes = await nodes[step.Node].Log.Commit([request], DateTimeOffset.UtcNow, CancellationToken.None);
            operation = operation with { Ended = Stopwatch.GetTimestamp() };
            if (outcomes[0].Refusal is VersionConflictException conflict)
                return operation with { Answer = AnswerKind.Conflict, Version = conflict.Actual };
            Assert.Equal((CommitResult.Committed, false), (outcomes[0].Result, fails));
            var placement = outcomes[0].Placements[0];
            return operation with
            {
                Answer = AnswerKind.Done,
                Version = placement.LastVersion,
                Position = placement.LastPosition,
            };
        }
        catch (StorageException failure)
        {
            // An append in doubt may have happened. After any other failure, nothing was written.
            return failure.IsInDoubt
                ? operation
                : operation with
                {
                    Answer = AnswerKind.Failed,
                    Ended = Stopwatch.GetTimestamp(),
                };
        }
    }

    private async Task<Operation> Read(int node, string stream)
    {
        var operation = new Operation(node, stream, OperationKind.Read, Stopwatch.GetTimestamp(), Operation.Never);
        try
        {
            var query = new StreamPageQuery(new StreamId(stream), 1, IsBackwards: false, Limit: 1_000);
            var page = await nodes[node].Log.ReadStream(query, CancellationToken.None);
            var ids = page.Events.Select(recorded => recorded.Id).ToArray();
            return operation with { Ended = Stopwatch.GetTimestamp(), Answer = AnswerKind.Done, Ids = ids };
        }
        catch (StorageException)
        {
            return operation; // The test ended the connection more often than the node retries.
        }
    }

    private async Task TerminateBackEnds(int node)
    {
        await using var command = _adminSource.CreateCommand(
            $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{NodeName}{node}'");
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Acquires the lock of the log, as a commit with two round trips does, and rolls back.</summary>
    private async Task HoldLock()
    {
        await using var lockConnection = await _adminSource.OpenConnectionAsync();
        await using var transaction = await lockConnection.BeginTransactionAsync();
        var (lockClass, key) = new Tables("millrace", "millrace_documents").LogLock;
        await using var command = new NpgsqlCommand(
            $"SELECT pg_advisory_xact_lock({lockClass}, {key})", lockConnection, transaction);
        await command.ExecuteNonQueryAsync();
        await Pause.For(TimeSpan.FromMilliseconds(3));
        await transaction.RollbackAsync();
    }
}
