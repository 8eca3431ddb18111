using System.Text.Json;

namespace Millrace;

/// <summary>What is to be otherwise about a timer; what is null stays as it is. Immutable.</summary>
public sealed record TimerEdit
{
    /// <summary>When its command is sent; null for when it is due now. One that is held is tried again then, and else
    /// stays held.</summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>The stable name of the command to send in its place; null for the same command.</summary>
    public string? Command { get; init; }

    /// <summary>The command to send, as JSON, with all its members; null for the one that it has.</summary>
    public JsonElement? Body { get; init; }

    /// <summary>Who does it; recorded, and with another command noted as the user on its events.</summary>
    public string? By { get; init; }

    /// <summary>Why; recorded, null for nothing.</summary>
    public string? Reason { get; init; }

    /// <summary>
    /// Whose right to send the command is asked for before it is stored; null asks nobody. Without a command nobody is
    /// asked.
    /// </summary>
    public CommandAccess? Access { get; init; }
}
