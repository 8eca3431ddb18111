namespace Millrace;

/// <summary>The states of an erasure. Each state is recorded by an event.</summary>
public enum ErasureState
{
    /// <summary>The erasure was requested, and the request is being checked.</summary>
    Requested,

    /// <summary>The request was refused. This state is final.</summary>
    Refused,

    /// <summary>The data was found, and the erasure waits for its approval.</summary>
    Found,

    /// <summary>The erasure was approved. A legal hold can still stop it.</summary>
    Approved,

    /// <summary>The erasure has started. A legal hold is refused.</summary>
    Started,

    /// <summary>The keys are destroyed, so that no reader can decrypt the data.</summary>
    KeysDestroyed,

    /// <summary>The copies of the data are removed or rewritten.</summary>
    CopiesRemoved,

    /// <summary>Every place was read again.</summary>
    Verified,

    /// <summary>
    /// The certificate is signed. All values of the subject were searched, and none remains. This state is final.
    /// </summary>
    Confirmed,

    /// <summary>
    /// The certificate is signed, but the verification found remaining data, which the certificate lists, or it could
    /// not search all values of the subject. This state is final.
    /// </summary>
    Incomplete,

    /// <summary>
    /// The erasure had started and was stopped. Its steps show what was done: data can remain, and there is no
    /// certificate. This state is final.
    /// </summary>
    Stopped,
}
