using System.CommandLine;
using Millrace.Storage;

namespace Millrace.Cli;

/// <summary>The options that say which dead letters are meant, and who decides about them.</summary>
internal sealed class DeadLetterOptions
{
    private readonly Option<string?> _consumer = new("--consumer", "-c")
    {
        HelpName = "NAME",
        Description = "Of one consumer.",
    };
    private readonly Option<string?> _cause = new("--cause")
    {
        HelpName = "CAUSE",
        Description = "With one cause, as 'groups' shows it.",
    };
    private readonly Option<string?> _key = new("--key", "-k") { HelpName = "KEY", Description = "With one key." };
    private readonly Option<string?> _stream = new("--stream")
    {
        HelpName = "STREAM",
        Description = "Of the events of one stream.",
    };
    private readonly Option<string?> _type = new("--type", "-t")
    {
        HelpName = "TYPE",
        Description = "Of one type of event.",
    };

    private readonly Option<DeadLetterState[]> _states = new("--state")
    {
        HelpName = "STATE",
        Description =
            "In a state: RetryAt, Parked, Waiting, Released, Skipped, Discarded or Corrected; may be repeated.",
    };

    private readonly Option<int> _limit = new("--limit", "-n")
    {
        HelpName = "N",
        Description = "The most letters.",
        DefaultValueFactory = _ => 100,
    };

    private readonly Option<int?> _most = new("--limit", "-n")
    {
        HelpName = "N",
        Description = "The most letters; all by default.",
    };

    private readonly Option<long> _after = new("--after")
    {
        HelpName = "ID",
        Description = "Only those behind a number.",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<string> _by = new("--by")
    {
        HelpName = "NAME",
        Description = "Who decides; the user of the system by default.",
        DefaultValueFactory = _ => Environment.UserName,
    };
    private readonly Option<string?> _reason = new("--reason")
    {
        HelpName = "TEXT",
        Description = "Why; it is recorded.",
    };

    /// <summary>Adds the options by which letters are found.</summary>
    public DeadLetterOptions AddQueryTo(Command command)
    {
        foreach (var option in (Option[])[_consumer, _cause, _key, _stream, _type, _states, _limit, _after])
            command.Options.Add(option);
        return this;
    }

    /// <summary>Adds the options by which letters are found that are decided about, however many there are.</summary>
    public DeadLetterOptions AddAllTo(Command command)
    {
        foreach (var option in (Option[])[_consumer, _cause, _key, _stream, _type, _states, _most, _after])
            command.Options.Add(option);
        return this;
    }

    /// <summary>Adds the options of a decision.</summary>
    public DeadLetterOptions AddNoteOption(Command command)
    {
        command.Options.Add(_by);
        command.Options.Add(_reason);
        return this;
    }

    /// <summary>A page of letters.</summary>
    public DeadLetterQuery Query(ToolInvocation call)
    {
        if (call.Get(_limit) is < 1 or > 10_000)
            throw new CliException(ExitCode.Usage, "--limit is from 1 to 10,000.");
        return All(call) with { Limit = call.Get(_limit) };
    }

    /// <summary>The most letters to decide about.</summary>
    public int LimitOf(ToolInvocation call)
    {
        if (call.Get(_most) is < 1)
            throw new CliException(ExitCode.Usage, "--limit is from 1.");
        return call.Get(_most) ?? new DeadLetterReplayOptions().Limit;
    }

    /// <summary>The letters to decide about, whatever the page.</summary>
    /// <param name="call">What was asked.</param>
    /// <param name="isEdit">Whether they are edited, as those that wait may be.</param>
    public DeadLetterQuery ToDecisionQuery(ToolInvocation call, bool isEdit)
    {
        if (!isEdit && call.Get(_states) is [DeadLetterState.Waiting])
        {
            throw new CliException(
                ExitCode.Usage,
                "Letters that wait have not been tried.",
                "Decide about those before them: 'dead-letters show ID'.");
        }
        return All(call);
    }

    private DeadLetterQuery All(ToolInvocation call)
    {
        return new DeadLetterQuery
        {
            Consumer = call.Get(_consumer),
            Cause = call.Get(_cause),
            Key = call.Get(_key),
            Stream = call.Get(_stream) is { } stream ? new StreamId(stream) : null,
            EventType = call.Get(_type),
            States = call.Get(_states) ?? [],
            After = call.Get(_after),
        };
    }

    /// <summary>Whether anything says which letters are meant.</summary>
    public bool HasFilter(ToolInvocation call) =>
        call.Has(_consumer)
        || call.Has(_cause)
        || call.Has(_key)
        || call.Has(_stream)
        || call.Has(_type)
        || call.Has(_states);

    public DeadLetterNote Note(ToolInvocation call, bool needsReason)
    {
        if (needsReason && string.IsNullOrWhiteSpace(call.Get(_reason)))
            throw new CliException(
                ExitCode.Usage, "No reason was given.", "Say why with --reason \"…\": it is recorded.");
        return new DeadLetterNote(call.Get(_by)!, call.Get(_reason)); // It has a value by default.
    }
}
