namespace Evolution.Host;

/// <summary>An application with its own model. It uses a library that also has a model.</summary>
[Model]
public sealed partial class Letters
{
    /// <summary>Gets a type of the library, so that the application references it.</summary>
    public static Type Library => typeof(Evolution.Before.Shop);
}

[Event("letter.written")]
public sealed record LetterWritten(string To);
