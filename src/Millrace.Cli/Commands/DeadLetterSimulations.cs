using System.CommandLine;
using System.Text;
using Millrace.Cli.Builds;
using Millrace.Cli.Output;
using Millrace.Shared.Json;
using Millrace.Storage;

namespace Millrace.Cli.Commands;

/// <summary>Simulates dead letters with a build of the application, and replays them in cohorts.</summary>
internal static class DeadLetterSimulations
{
    private const int DeadLetterBatchSize = 500;

    public static ToolCommand Simulate()
    {
        var build = BuildOption.Create();
        var patch = PatchOption();
        var id = new Argument<long?>("letter")
        {
            Description = "The number of the dead letter; without it, all that match.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new ToolCommand(
            "simulate", "Tests dead letters with a build of the application, on copies. Nothing is written.")
        {
            Examples =
            [
                (
                    "dead-letters simulate --build out --consumer daily-sales@1",
                    "How many would succeed with this build"),
                (
                    "dead-letters simulate 7 --build out --data '{\"amount\":5}'",
                    "The result of one with another payload"),
                (
                    "dead-letters simulate --build out --cause FormatException-3fa9c01b --patch '{\"amount\":0}'",
                    "How many would succeed with a change of the payload"),
            ],
        };
        command.Arguments.Add(id);
        command.Options.Add(build);
        command.Options.Add(patch);
        var payloadOptions = new PayloadOptions().AddTo(command);
        var options = new DeadLetterOptions().AddQueryTo(command);
        return command.SetHandler(
            async (call, cancellationToken) =>
            {
                var action = ActionOf(call.Get(patch));
                var payload = await payloadOptions.Read(call, cancellationToken);
                RequireOneSelection(call.Get(id), payload is not null, action.IsEdit, options.HasFilter(call));
                var model = BuildOption.Load(call, build).Catalog;
                await using var open = await ShardStores.Existing(call, model.EventTypes, cancellationToken);
                var letters = open.DeadLetters(model);
                if (call.Get(id) is { } number)
                {
                    if (payload is not null)
                        payload = await payloadOptions.Decode(call, payload, letters, number, cancellationToken);
                    var result = await SimulateOne(letters, number, payload, action, cancellationToken);
                    var single = new DeadLetterSimulation([result]);
                    Write(call, single);
                    return CodeOf(single, remaining: 0);
                }
                var query = options.Query(call);
                if (query.States.Count == 0)
                    // Without a number or a state, the command simulates the dead letters that can be retried.
                    query = query with { States = [DeadLetterState.Parked, DeadLetterState.RetryAt] };
                var simulated = await letters.Simulate(query, action, cancellationToken);
                var remaining = await RemainingDeadLetterCounter.Count(
                    letters,
                    query,
                    [.. simulated.DeadLetters.Select(result => result.DeadLetter)],
                    cancellationToken);
                Write(call, simulated, remaining);
                return CodeOf(simulated, remaining);
            }
        );
    }

    /// <exception cref="CliException">The options select dead letters in two ways.</exception>
    private static void RequireOneSelection(long? id, bool hasPayload, bool hasPatch, bool hasFilter)
    {
        if (hasPayload && (id is null || hasPatch))
        {
            throw new CliException(
                ExitCode.Usage,
                "--data and --file apply to one dead letter and cannot be combined with --patch.",
                "Specify its number, or use --patch for many.");
        }
        if (id is not null && hasFilter)
            throw new CliException(ExitCode.Usage, "Specify a number or filters, but not both.");
    }

    /// <summary>
    /// Returns the exit code of a simulation. The code means success only if every matching dead letter would succeed.
    /// </summary>
    private static ExitCode CodeOf(DeadLetterSimulation simulated, long remaining) =>
        simulated.Fails > 0 ? ExitCode.Failed
        : remaining > 0 || simulated.Unknown > 0 ? ExitCode.Incomplete
        : ExitCode.Done;

    private static async Task<SimulatedDeadLetter> SimulateOne(
        DeadLetters letters, long id, byte[]? payload, DeadLetterAction action, CancellationToken cancellationToken)
    {
        try
        {
            return payload is null
                ? await letters.Simulate(id, action, cancellationToken)
                : await letters.SimulateEdit(id, payload, cancellationToken);
        }
        catch (ArgumentException exception)
        {
            throw new CliException(ExitCode.Usage, exception.Message);
        }
    }

    public static ToolCommand Cohort()
    {
        var build = BuildOption.Create();
        var patch = PatchOption();
        var skip = new Option<bool>("--skip") { Description = "Skips them instead of retrying them." };
        var rate = new Option<double?>("--rate")
        {
            HelpName = "N",
            Description = "The maximum number of dead letters a second.",
        };
        var stop = new Option<double>("--stop-at")
        {
            HelpName = "SHARE",
            Description = "Stops when a larger share fails again; from 0 to 1.",
            DefaultValueFactory = _ => 0.1,
        };
        var command = new ToolCommand(
            "cohort", "Resolves many dead letters: simulates them, replays them step by step, and stops when too many "
                + "fail again.")
        {
            Examples =
            [
                (
                    "dead-letters cohort --cause FormatException-3fa9c01b --build out",
                    "Unchanged, because the code was fixed"),
                (
                    "dead-letters cohort --consumer mail-sender --patch '{\"lang\":\"en\"}' --reason \"was empty\" "
                        + "--rate 10",
                    "With a change of the payload"),
            ],
        };
        foreach (var option in (Option[])[build, patch, skip, rate, stop])
            command.Options.Add(option);
        var options = new DeadLetterOptions().AddSelectionTo(command).AddNoteOption(command);
        return command.SetHandler(
            async (call, cancellationToken) =>
            {
                if (!options.HasFilter(call))
                    throw new CliException(
                        ExitCode.Usage,
                        "No dead letters were specified.",
                        "Specify --consumer, --cause, --key, --stream or --type.");
                var action = call.Get(skip) ? DeadLetterAction.Skip : ActionOf(call.Get(patch));
                var isRetry = !action.IsEdit && action.Decision == DeadLetterDecision.Retry;
                var note = options.Note(call, needsReason: !isRetry);
                var model = call.Has(build) ? BuildOption.Load(call, build).Catalog : null;
                await using var open = await ShardStores.Existing(
                    call, model?.EventTypes ?? EventTypeMap.Empty, cancellationToken);
                var letters = open.DeadLetters(model);
                var query = options.ToDecisionQuery(call, action.IsEdit);
                var replayOptions = new DeadLetterReplayOptions
                {
                    MaxPerSecond = call.Get(rate),
                    StopAtErrorShare = call.Get(stop),
                    Limit = options.LimitOf(call),
                };
                if (model is not null && await MayFail(call, letters, query, action, replayOptions, cancellationToken))
                    return ExitCode.Failed;
                var replayed = await letters.Replay(query, action, note, replayOptions, cancellationToken);
                return DeadLetterDecisions.Answer(call, replayed, action.Decision.ToString().ToLowerInvariant());
            }
        );
    }

    /// <summary>
    /// Simulates all dead letters that would be replayed. If too many would fail or some cannot be simulated, writes a
    /// report and returns true.
    /// </summary>
    private static async Task<bool> MayFail(
        ToolInvocation call,
        DeadLetters letters,
        DeadLetterQuery query,
        DeadLetterAction action,
        DeadLetterReplayOptions replayOptions,
        CancellationToken cancellationToken)
    {
        var all = new List<SimulatedDeadLetter>();
        for (var page = query with { IsBrief = true }; all.Count < replayOptions.Limit;)
        {
            page = page with { Limit = Math.Min(DeadLetterBatchSize, replayOptions.Limit - all.Count) };
            var batch = await letters.Simulate(page, action, cancellationToken);
            all.AddRange(batch.DeadLetters);
            if (batch.DeadLetters.Count < page.Limit)
                break;
            page = page with { After = batch.DeadLetters[^1].DeadLetter.Id };
        }
        var simulated = new DeadLetterSimulation(all);
        var maxFails = replayOptions.StopAtErrorShare * (simulated.Fails + simulated.Passes);
        if (simulated.Unknown == 0 && simulated.Fails <= maxFails)
            return false;
        Write(call, simulated);
        if (!call.IsJson && simulated.Unknown > 0)
            call.Line(
                "Nothing was replayed: not all can be simulated with this build. Without --build there is no "
                    + "simulation."
            );
        return true;
    }

    private static Option<string?> PatchOption() => new("--patch")
    {
        HelpName = "JSON",
        Description = "A JSON merge patch for the payloads: members to set, with null to remove one.",
    };

    private static DeadLetterAction ActionOf(string? patch)
    {
        if (patch is null)
            return DeadLetterAction.Retry;
        try
        {
            return DeadLetterAction.Patch(Encoding.UTF8.GetBytes(patch));
        }
        catch (ArgumentException exception)
        {
            throw new CliException(ExitCode.Usage, $"--patch: {exception.Message}");
        }
    }

    /// <summary>
    /// Writes the results of a simulation. If more dead letters match, also writes how to simulate them.
    /// </summary>
    private static void Write(ToolInvocation call, DeadLetterSimulation simulated, long remaining = 0)
    {
        if (call.IsJson)
        {
            JsonOutput.Object(call, writer =>
            {
                DeadLetterJson.WriteSimulation(writer, simulated);
                if (remaining == 0)
                    return;
                writer.WriteNumber("more"u8, remaining);
                writer.WriteNumber("next"u8, simulated.DeadLetters[^1].DeadLetter.Id);
            });
            return;
        }
        call.Line(
            $"{TextTable.Number(simulated.Passes)} would succeed, {TextTable.Number(simulated.Fails)} would fail "
                + $"again, {TextTable.Number(simulated.Unknown)} cannot be simulated. Nothing was written.");
        foreach (var group in simulated
                .DeadLetters.Where(one => one.Error is not null)
                .GroupBy(one => (one.Outcome, one.Cause, one.Error)))
        {
            var cause = group.Key.Cause is null ? "" : group.Key.Cause + " ";
            call.Line($"    {group.Key.Outcome}: {TextTable.Number(group.Count())} × {cause}{group.Key.Error}");
        }
        if (remaining > 0)
        {
            call.Line(
                $"{TextTable.Number(remaining)} more match and were not simulated. Repeat the command with --after "
                    + $"{simulated.DeadLetters[^1].DeadLetter.Id} for the next ones, or with --limit N, up to 10,000, "
                    + "for more at once.");
        }
    }
}
