namespace Evolution.Host;

/// <summary>An application with its own model, which uses a library that has one as well.</summary>
[Model]
public sealed partial class Letters
{
    /// <summary>The library is used.</summary>
    public static Type Library => typeof(Evolution.Before.Shop);
}

[Event("letter.written")]
public sealed record LetterWritten(string To);
