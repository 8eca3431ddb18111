using System.CommandLine;
using System.Text;
using Millrace.Answers;
using Millrace.Cli.Builds;
using Millrace.Storage;

namespace Millrace.Cli.Commands;

/// <summary>Tries what would become of dead letters with a build of the application, and replays them in
/// cohorts.</summary>
internal static class DeadLetterSimulations
{
    private const int DeadLetterBatchSize = 500;

    public static ToolCommand Simulate()
    {
        var build = BuildOption.Create();
        var patch = PatchOption();
        var id = new Argument<long?>("letter")
        {
            Description = "Its number; without one, those that match.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new ToolCommand(
            "simulate", "Tries dead letters with a build of the application, on copies: nothing is written.")
        {
            Examples =
            [
                ("dead-letters simulate --build out --consumer daily-sales@1", "How many would pass with this build"),
                (
                    "dead-letters simulate 7 --build out --data '{\"amount\":5}'",
                    "What would become of one with another payload"),
                (
                    "dead-letters simulate --build out --cause FormatException-3fa9c01b --patch '{\"amount\":0}'",
                    "How many with a change"),
            ],
        };
        command.Arguments.Add(id);
        command.Options.Add(build);
        command.Options.Add(patch);
        var given = new PayloadOptions().AddTo(command);
        var options = new DeadLetterOptions().AddQueryTo(command);
        return command.SetHandler(
            async (call, cancellationToken) =>
            {
                var fix = FixOf(call.Get(patch));
                var payload = await given.Read(call, cancellationToken);
                if (payload is not null && (call.Get(id) is null || fix.IsEdit))
                {
                    throw new CliException(
                        ExitCode.Usage,
                        "A payload is given to one letter, and instead of a patch.",
                        "Name its number; many take --patch.");
                }
                if (call.Get(id) is not null && options.HasFilter(call))
                    throw new CliException(ExitCode.Usage, "Give a number, or say which letters: not both.");
                var model = BuildOption.Load(call, build).Catalog;
                await using var open = await OpenStore.Existing(call, model.EventTypes, cancellationToken);
                var letters = DeadLetters.Of(open.Store, model);
                if (call.Get(id) is { } number)
                {
                    if (payload is not null)
                        payload = await given.Decode(call, payload, letters, number, cancellationToken);
                    var one = new DeadLetterSimulation([await One(letters, number, payload, fix, cancellationToken)]);
                    Write(call, one);
                    return CodeOf(one, more: 0);
                }
                var query = options.Query(call);
                if (query.States.Count == 0)
                    // As without a word, so that they count.
                    query = query with { States = [DeadLetterState.Parked, DeadLetterState.RetryAt] };
                var simulated = await letters.Simulate(query, fix, cancellationToken);
                var more = await RemainingDeadLetterCounter.Count(
                    letters,
                    query,
                    [.. simulated.DeadLetters.Select(one => one.DeadLetter)],
                    cancellationToken);
                Write(call, simulated, more);
                return CodeOf(simulated, more);
            }
        );
    }

    /// <summary>Done only when each would pass: a pipeline must not take for a success what was not tried.</summary>
    private static ExitCode CodeOf(DeadLetterSimulation simulated, long more) => simulated.Fails > 0 ? ExitCode.Failed
        : more > 0 || simulated.Unknown > 0 ? ExitCode.Incomplete : ExitCode.Done;

    private static async Task<SimulatedDeadLetter> One(
        DeadLetters letters, long id, byte[]? payload, DeadLetterAction fix, CancellationToken cancellationToken)
    {
        try
        {
            return payload is null
                ? await letters.Simulate(id, fix, cancellationToken)
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
        var skip = new Option<bool>("--skip") { Description = "Pass them over instead of trying them again." };
        var rate = new Option<double?>("--rate") { HelpName = "N", Description = "The most letters a second." };
        var stop = new Option<double>("--stop-at")
        {
            HelpName = "SHARE",
            Description = "Stop when a larger share fails again; from 0 to 1.",
            DefaultValueFactory = _ => 0.1,
        };
        var command = new ToolCommand(
            "cohort", "Resolves many dead letters: simulates, replays step by step, stops when too many fail again.")
        {
            Examples =
            [
                (
                    "dead-letters cohort --cause FormatException-3fa9c01b --build out",
                    "As they are, because the code was mended"),
                (
                    "dead-letters cohort --consumer mail-sender --patch '{\"lang\":\"en\"}' --reason \"was empty\" "
                        + "--rate 10",
                    "With a change"),
            ],
        };
        foreach (var option in (Option[])[build, patch, skip, rate, stop])
            command.Options.Add(option);
        var options = new DeadLetterOptions().AddAllTo(command).AddNoteOption(command);
        return command.SetHandler(
            async (call, cancellationToken) =>
            {
                if (!options.HasFilter(call))
                    throw new CliException(
                        ExitCode.Usage, "Which letters?", "Say --consumer, --cause, --key, --stream or --type.");
                var fix = call.Get(skip) ? DeadLetterAction.Skip : FixOf(call.Get(patch));
                var note = options.Note(call, needsReason: fix.IsEdit || fix.Decision != DeadLetterDecision.Retry);
                var model = call.Has(build) ? BuildOption.Load(call, build).Catalog : null;
                await using var open = await OpenStore.Existing(
                    call, model?.EventTypes ?? EventTypeMap.Empty, cancellationToken);
                var letters = DeadLetters.Of(open.Store, model);
                var query = options.ToDecisionQuery(call, fix.IsEdit);
                var how = new DeadLetterReplayOptions
                {
                    MaxPerSecond = call.Get(rate),
                    StopAtErrorShare = call.Get(stop),
                    Limit = options.LimitOf(call),
                };
                if (model is not null && await MayFail(call, letters, query, fix, how, cancellationToken))
                    return ExitCode.Failed;
                var replayed = await letters.Replay(query, fix, note, how, cancellationToken);
                return DeadLetterDecisions.Answer(call, replayed, fix.Decision.ToString().ToLowerInvariant());
            }
        );
    }

    /// <summary>Tries all that would be replayed; true, and told, when too many would fail or it cannot be told of
    /// some.</summary>
    private static async Task<bool> MayFail(
        ToolInvocation call,
        DeadLetters letters,
        DeadLetterQuery query,
        DeadLetterAction fix,
        DeadLetterReplayOptions how,
        CancellationToken cancellationToken)
    {
        var all = new List<SimulatedDeadLetter>();
        for (var page = query with { IsBrief = true }; all.Count < how.Limit;)
        {
            page = page with { Limit = Math.Min(DeadLetterBatchSize, how.Limit - all.Count) };
            var some = await letters.Simulate(page, fix, cancellationToken);
            all.AddRange(some.DeadLetters);
            if (some.DeadLetters.Count < page.Limit)
                break;
            page = page with { After = some.DeadLetters[^1].DeadLetter.Id };
        }
        var simulated = new DeadLetterSimulation(all);
        if (simulated.Unknown == 0 && simulated.Fails <= how.StopAtErrorShare * (simulated.Fails + simulated.Passes))
            return false;
        Write(call, simulated);
        if (!call.IsJson && simulated.Unknown > 0)
            call.Line(
                "Nothing was replayed: not all could be tried with that build. Without --build it is not tried before."
            );
        return true;
    }

    private static Option<string?> PatchOption() => new("--patch")
    {
        HelpName = "JSON",
        Description = "A JSON merge patch of the payloads: members to set, null for those to remove.",
    };

    private static DeadLetterAction FixOf(string? patch)
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

    /// <summary>Tells what would become of letters, and how to go on where more match than were tried.</summary>
    private static void Write(ToolInvocation call, DeadLetterSimulation simulated, long more = 0)
    {
        if (call.IsJson)
        {
            JsonOutput.Object(call, writer =>
            {
                DeadLetterJson.WriteSimulation(writer, simulated);
                if (more == 0)
                    return;
                writer.WriteNumber("more"u8, more);
                writer.WriteNumber("next"u8, simulated.DeadLetters[^1].DeadLetter.Id);
            });
            return;
        }
        call.Line(
            $"{TextTable.Number(simulated.Passes)} would pass, {TextTable.Number(simulated.Fails)} would fail again, "
                + $"{TextTable.Number(simulated.Unknown)} cannot be tried. Nothing was written.");
        foreach (var group in simulated
                .DeadLetters.Where(one => one.Error is not null)
                .GroupBy(one => (one.Outcome, one.Cause, one.Error)))
        {
            var cause = group.Key.Cause is null ? "" : group.Key.Cause + " ";
            call.Line($"    {group.Key.Outcome}: {TextTable.Number(group.Count())} × {cause}{group.Key.Error}");
        }
        if (more > 0)
        {
            call.Line(
                $"{TextTable.Number(more)} more match and were not tried: the same command with --after "
                    + $"{simulated.DeadLetters[^1].DeadLetter.Id} "
                    + "goes on, and --limit N tries more at once, up to 10,000.");
        }
    }
}
