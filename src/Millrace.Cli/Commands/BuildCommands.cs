using System.CommandLine;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Defines the commands for the second build of a read model: compare, switch, back and drop.</summary>
internal static class BuildCommands
{
    private static readonly TimeSpan MaxSwitchDuration = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MinSwitchWait = TimeSpan.FromSeconds(1);

    public static IEnumerable<Command> All() => [Compare(), Switch(), Back(), Drop()];

    /// <summary>
    /// Requests that the application builds new documents of a read model, and waits for the build. The current
    /// documents remain in use.
    /// </summary>
    public static async Task<ExitCode> Build(
        ToolInvocation call,
        OpenStore open,
        string name,
        bool isManual,
        bool mustWait,
        CancellationToken cancellationToken)
    {
        var projections = open.Projections;
        var switchWhen = isManual ? BuildSwitch.Manual : BuildSwitch.Automatic;
        if (!mustWait)
        {
            var collection = await projections.StartRebuildBeside(name, switchWhen, cancellationToken);
            Answer(call, name, collection, $"{collection} will be built by the application as soon as it runs.");
            return ExitCode.Done;
        }
        return await Await(call, projections, name, switchWhen, cancellationToken);
    }

    /// <summary>
    /// Builds new documents of a read model in this process, with a loaded build of the application. The current
    /// documents remain in use.
    /// </summary>
    public static async Task<ExitCode> RunBuild(
        ToolInvocation call,
        OpenStore open,
        IReadOnlyList<ProjectionDefinition> all,
        string name,
        bool isManual,
        CancellationToken cancellationToken)
    {
        var asynchronous = all.Where(projection => projection.Lifecycle == ProjectionLifecycle.Asynchronous).ToList();
        var definition = asynchronous.Find(projection => projection.Name == name) ?? throw new CliException(
            ExitCode.NotFound,
            $"The build has no asynchronous projection '{name}'.",
            $"Available: {string.Join(", ", asynchronous.Select(projection => projection.Name))}.");
        var switchWhen = isManual ? BuildSwitch.Manual : BuildSwitch.Automatic;
        var options = new ConsumerOptions { SwitchBuilds = switchWhen };
        await using var run = await ProjectionRun.Start(
            open.Store,
            [definition],
            options,
            cancellationToken: cancellationToken);
        return await Await(call, run.Projections, name, switchWhen, cancellationToken);
    }

    private static async Task<ExitCode> Await(
        ToolInvocation call,
        Projections projections,
        string name,
        BuildSwitch switchWhen,
        CancellationToken cancellationToken)
    {
        string collection;
        using (var bar = new ProgressIndicator(call))
        {
            var progress = new SynchronousProgress<RebuildProgress>(now =>
                bar.Show("events folded", now.Done, now.Total));
            collection = await projections.RebuildBeside(name, switchWhen, progress, cancellationToken);
        }
        Answer(
            call,
            name,
            collection,
            switchWhen == BuildSwitch.Manual
                ? $"{collection} is built. Check it with 'projections compare {name}', then run 'projections switch "
                    + $"{name}'."
                : $"{collection} is now in use. Go back with 'projections back {name}', or remove the old with "
                    + $"'projections drop {name}'."
        );
        return ExitCode.Done;
    }

    private static ToolCommand Compare()
    {
        var name = NameOfModel();
        var examples = new Option<int>("--examples")
        {
            Description = "The number of examples to show.",
            DefaultValueFactory = _ => 10,
        };
        var command = new ToolCommand(
            "compare", "Compares a read model's new documents with the old ones. The exit code is 1 when they differ.")
        {
            Examples =
            [
                ("projections compare daily-sales", "What would change"),
                ("projections compare daily-sales --json", "For programs"),
            ],
        };
        command.Arguments.Add(name);
        command.Options.Add(examples);
        return command.SetShardsHandler(async (call, open, cancellationToken) =>
        {
            var maxExamples = call.Get(examples);
            if (maxExamples is < 0 or > 10_000)
                throw new CliException(ExitCode.Usage, $"--examples: must be from 0 to 10,000, but is {maxExamples}.");
            var found = await open.Projections.Compare(call.Get(name), maxExamples, cancellationToken);
            ComparisonOutput.Write(call, found);
            return found.IsSame ? ExitCode.Done : ExitCode.Failed;
        });
    }

    private static ToolCommand Switch() =>
        CreateTakeoverCommand(
            "switch",
            "Switches to the documents that were built beside the ones in use.",
            "Use the new documents from now on",
            static (projections, name, evenWithDeadLetters, cancellationToken) =>
                projections.Switch(name, MaxSwitchDuration, evenWithDeadLetters, cancellationToken),
            "{0} is now in use.");

    private static ToolCommand Back() =>
        CreateTakeoverCommand(
            "back",
            "Goes back to the documents that were in use before the last switch.",
            "Use the old documents again",
            static (projections, name, evenWithDeadLetters, cancellationToken) =>
                projections.SwitchBack(name, MaxSwitchDuration, evenWithDeadLetters, cancellationToken),
            "{0} is in use again.");

    private static ToolCommand CreateTakeoverCommand(
        string verb,
        string description,
        string meaning,
        Func<Projections, string, bool, CancellationToken, Task> action,
        string answer)
    {
        var evenWithDeadLetters = new Option<bool>("--even-with-dead-letters")
        {
            Description =
                "Switches even if the documents lack events that are dead letters of their consumer only, so that "
                    + "readers find less than before.",
        };
        return CreateActionCommand(
            verb,
            description,
            meaning,
            async (call, projections, name, cancellationToken) =>
            {
                var takeover = action(projections, name, call.Get(evenWithDeadLetters), cancellationToken);
                await ReportWait(call, takeover, cancellationToken);
                await takeover;
                return (await projections.Catalog(cancellationToken)).First(row => row.Name == name).Live;
            },
            answer,
            evenWithDeadLetters);
    }

    /// <summary>Writes why the command waits.</summary>
    private static async Task ReportWait(ToolInvocation call, Task takeover, CancellationToken cancellationToken)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (call.IsJson || await Task.WhenAny(takeover, Task.Delay(MinSwitchWait, call.Time, done.Token)) == takeover
            || cancellationToken.IsCancellationRequested)
        {
            await done.CancelAsync();
            return;
        }
        call.Errors.Write(
            new Spectre.Console.Text(
                $"Waiting up to {MaxSwitchDuration.TotalSeconds} s: what takes over must be near the end of the log, "
                    + "and a node of its version must keep it up to date."
                    + Environment.NewLine));
    }

    private static ToolCommand Drop() => CreateActionCommand(
        "drop",
        "Cancels a build and removes its documents. Without a build, removes the old documents kept for going back.",
        "Cancel the build, or free the storage",
        static async (_, projections, name, cancellationToken) => await projections.Drop(name, cancellationToken)
            ?? throw new CliException(ExitCode.NotFound, $"Read model '{name}' has no build and no old documents."),
        "{0} was dropped.");

    private static ToolCommand CreateActionCommand(
        string verb,
        string description,
        string meaning,
        Func<ToolInvocation, Projections, string, CancellationToken, Task<string>> action,
        string answer,
        params ReadOnlySpan<Option> options)
    {
        var name = NameOfModel();
        var command = new ToolCommand(verb, description) { Examples = [($"projections {verb} daily-sales", meaning)] };
        command.Arguments.Add(name);
        foreach (var option in options)
            command.Options.Add(option);
        return command.SetShardsHandler(async (call, open, cancellationToken) =>
        {
            var collection = await action(call, open.Projections, call.Get(name), cancellationToken);
            Answer(call, call.Get(name), collection, answer.Replace("{0}", collection, StringComparison.Ordinal));
            return ExitCode.Done;
        });
    }

    private static Argument<string> NameOfModel() =>
        new("read-model") { Description = "The read model, without a version: daily-sales." };

    private static void Answer(ToolInvocation call, string name, string collection, string text)
    {
        if (!call.IsJson)
        {
            call.Line(text);
            return;
        }
        JsonOutput.Object(call, writer =>
        {
            writer.WriteString("readModel"u8, name);
            writer.WriteString("projection"u8, collection);
        });
    }
}
