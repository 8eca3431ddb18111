namespace System.Runtime.CompilerServices;

/// <summary>Enables records in netstandard2.0, which lacks this type.</summary>
internal static class IsExternalInit;
