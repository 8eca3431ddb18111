namespace Millrace.Storage.Objects;

/// <summary>The kinds of problems with object storage.</summary>
public enum ObjectStorageProblem
{
    /// <summary>Any other problem.</summary>
    Other,

    /// <summary>
    /// The place cannot be reached, limits the rate of requests, or does not exist (such as a disk that is not
    /// mounted).
    /// </summary>
    Unavailable,

    /// <summary>The place has no space left, or a quota is used up.</summary>
    Full,

    /// <summary>The credentials are wrong, or have no right to do this.</summary>
    Denied,
}
