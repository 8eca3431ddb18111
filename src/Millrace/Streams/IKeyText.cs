namespace Millrace;

/// <summary>A type whose values can be keys: it has a text that identifies each value.</summary>
/// <remarks>
/// Types marked <c>[Id&lt;T&gt;]</c> or <c>[Value&lt;T&gt;]</c> implement it by generated code. A type that implements
/// it by hand promises that equal values have equal texts, that different values have different texts, and that no text
/// depends on the culture. Implement <see cref="IParsable{TSelf}"/> too, so that an aggregate's id can be read from the
/// name of its stream.
/// </remarks>
public interface IKeyText
{
    /// <summary>Returns the text that identifies this value.</summary>
    string ToKeyText();
}
