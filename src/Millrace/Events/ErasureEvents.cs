namespace Millrace.Events;

/// <summary>The stored names of the events of erasures and legal holds.</summary>
internal static class ErasureEvents
{
    /// <summary>An erasure was requested.</summary>
    public const string Requested = "erasures.requested";

    /// <summary>The request was refused.</summary>
    public const string Refused = "erasures.refused";

    /// <summary>The data of the subject was found.</summary>
    public const string Found = "erasures.found";

    /// <summary>The erasure was approved.</summary>
    public const string Approved = "erasures.approved";

    /// <summary>The erasure started. From here on, a legal hold is refused.</summary>
    public const string Started = "erasures.started";

    /// <summary>The keys of the subject were destroyed.</summary>
    public const string KeysDestroyed = "erasures.keys-destroyed";

    /// <summary>Keys that a restored key store contained again were destroyed again.</summary>
    public const string KeysDestroyedAgain = "erasures.keys-destroyed-again";

    /// <summary>The copies of the data were removed.</summary>
    public const string CopiesRemoved = "erasures.copies-removed";

    /// <summary>A held message was removed from its stream.</summary>
    public const string MessageRemoved = "erasures.message-removed";

    /// <summary>Every place was read again.</summary>
    public const string Verified = "erasures.verified";

    /// <summary>The certificate was signed.</summary>
    public const string Confirmed = "erasures.confirmed";

    /// <summary>An erasure that had started was stopped. Data of the subject can remain.</summary>
    public const string Stopped = "erasures.stopped";

    /// <summary>A legal hold was placed on a subject.</summary>
    public const string Held = "erasures.held";

    /// <summary>The legal holds on a subject were released.</summary>
    public const string Released = "erasures.released";

    /// <summary>The prefix of the streams of erasures, after the prefix of a tenant.</summary>
    public const string StreamPrefix = "$erasure-";

    /// <summary>Returns whether a stored stream belongs to erasures, with or without the prefix of a tenant.</summary>
    public static bool IsStream(string stream)
    {
        var start = stream.IndexOf(StreamPrefix, StringComparison.Ordinal);
        return start == 0 || (start > 0 && stream[start - 1] == '/');
    }

    /// <summary>Returns whether a name is a name of this class.</summary>
    public static bool Contains(string type) =>
        type
            is Requested
                or Refused
                or Found
                or Approved
                or Started
                or KeysDestroyed
                or KeysDestroyedAgain
                or CopiesRemoved
                or MessageRemoved
                or Verified
                or Confirmed
                or Stopped
                or Held
                or Released;
}
