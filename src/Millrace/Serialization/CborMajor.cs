namespace Millrace.Serialization;

/// <summary>The eight major types of data items. The first three bits of an item contain its major type.</summary>
internal static class CborMajor
{
    public const int Unsigned = 0;
    public const int Negative = 1;
    public const int Bytes = 2;
    public const int Text = 3;
    public const int Array = 4;
    public const int Map = 5;
    public const int Tag = 6;
    public const int Simple = 7;

    public const byte False = 0xf4;
    public const byte True = 0xf5;
    public const byte Null = 0xf6;
    public const byte Undefined = 0xf7;
    public const byte Half = 0xf9;
    public const byte Single = 0xfa;
    public const byte Double = 0xfb;
    public const byte Break = 0xff;

    /// <summary>
    /// The additional information of an item with an undeclared length. With major type 7, this value is the break that
    /// ends such an item.
    /// </summary>
    public const int Indefinite = 31;
}
