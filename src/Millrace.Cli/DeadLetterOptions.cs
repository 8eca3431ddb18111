using System.CommandLine;
using Millrace.Storage;

namespace Millrace.Cli;

/// <summary>The options that select dead letters, and the options of a decision.</summary>
internal sealed class DeadLetterOptions
{
    private readonly Option<string?> _consumer = new("--consumer", "-c")
    {
        HelpName = "NAME",
        Description = "Only those of one consumer.",
    };
    private readonly Option<string?> _cause = new("--cause")
    {
        HelpName = "CAUSE",
        Description = "Only those with this cause, as 'groups' shows it.",
    };
    private readonly Option<string?> _key = new("--key", "-k")
    {
        HelpName = "KEY",
        Description = "Only those with this key.",
    };
    private readonly Option<string?> _stream = new("--stream")
    {
        HelpName = "STREAM",
        Description = "Only those of events of this stream.",
    };
    private readonly Option<string?> _type = new("--type", "-t")
    {
        HelpName = "TYPE",
        Description = "Only those of this event type.",
    };

    private readonly Option<DeadLetterState[]> _states = new("--state")
    {
        HelpName = "STATE",
        Description =
            "Only those in this state: RetryAt, Parked, Waiting, Released, Skipped, Discarded or Corrected; "
                + "repeatable.",
    };

    private readonly Option<int> _limit = new("--limit", "-n")
    {
        HelpName = "N",
        Description = "The maximum number of dead letters.",
        DefaultValueFactory = _ => 100,
    };

    private readonly Option<int?> _decisionLimit = new("--limit", "-n")
    {
        HelpName = "N",
        Description = "The maximum number of dead letters; all by default.",
    };

    private readonly Option<long> _after = new("--after")
    {
        HelpName = "ID",
        Description = "Only those after this number.",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<string> _by = new("--by")
    {
        HelpName = "NAME",
        Description = "The name of the user who decides; by default the current user.",
        DefaultValueFactory = _ => Environment.UserName,
    };
    private readonly Option<string?> _reason = new("--reason")
    {
        HelpName = "TEXT",
        Description = "The reason, which is recorded.",
    };

    /// <summary>Adds the options that filter dead letters.</summary>
    public DeadLetterOptions AddQueryTo(Command command)
    {
        foreach (var option in (Option[])[_consumer, _cause, _key, _stream, _type, _states, _limit, _after])
            command.Options.Add(option);
        return this;
    }

    /// <summary>Adds the options that select dead letters for a decision, without a page limit.</summary>
    public DeadLetterOptions AddSelectionTo(Command command)
    {
        foreach (var option in (Option[])[_consumer, _cause, _key, _stream, _type, _states, _decisionLimit, _after])
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

    /// <summary>Returns the query for a page of dead letters.</summary>
    public DeadLetterQuery Query(ToolInvocation call)
    {
        if (call.Get(_limit) is < 1 or > 10_000)
            throw new CliException(ExitCode.Usage, "--limit must be from 1 to 10,000.");
        return All(call) with { Limit = call.Get(_limit) };
    }

    /// <summary>Returns the maximum number of dead letters to decide about.</summary>
    public int LimitOf(ToolInvocation call)
    {
        if (call.Get(_decisionLimit) is < 1)
            throw new CliException(ExitCode.Usage, "--limit must be at least 1.");
        return call.Get(_decisionLimit) ?? new DeadLetterReplayOptions().Limit;
    }

    /// <summary>Returns the query for the dead letters to decide about, without paging.</summary>
    /// <param name="call">The call of the tool.</param>
    /// <param name="isEdit">True when the decision is an edit. Waiting dead letters can also be edited.</param>
    public DeadLetterQuery ToDecisionQuery(ToolInvocation call, bool isEdit)
    {
        if (!isEdit && call.Get(_states) is [DeadLetterState.Waiting])
        {
            throw new CliException(
                ExitCode.Usage,
                "Waiting dead letters have not been tried yet.",
                "Decide about the ones that block them: 'dead-letters show ID'.");
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

    /// <summary>Returns true when an option selects dead letters.</summary>
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
                ExitCode.Usage, "No reason was specified.", "Specify it with --reason \"…\". It is recorded.");
        return new DeadLetterNote(call.Get(_by)!, call.Get(_reason)); // The option has a default value.
    }
}
