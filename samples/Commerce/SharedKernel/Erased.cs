namespace Commerce.SharedKernel;

/// <summary>The text that replaces erased personal data.</summary>
public static class Erased
{
    /// <summary>The default of <see cref="PersonalDataAttribute.ErasedText"/>.</summary>
    public const string Text = "[erased]";
}
