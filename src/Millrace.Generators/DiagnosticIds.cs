namespace Millrace.Generators;

/// <summary>The ids of all diagnostics. An id is never used for anything else, even when its diagnostic is gone.</summary>
internal static class DiagnosticIds
{
    public const string NotPartial = "MILL0001";
    public const string ValueShape = "MILL0002";
    public const string IdType = "MILL0003";
    public const string ValueType = "MILL0004";
    public const string ValueProblem = "MILL0005";
    public const string EventName = "MILL0010";
    public const string EventTwice = "MILL0011";
    public const string EventShape = "MILL0012";
    public const string TagMember = "MILL0013";
    public const string EventVersion = "MILL0014";
    public const string JsonUnsupported = "MILL0020";
    public const string JsonConstructor = "MILL0021";
    public const string JsonTwice = "MILL0022";
    public const string StreamShape = "MILL0030";
    public const string WhenNoEvent = "MILL0031";
    public const string StreamCategory = "MILL0032";
    public const string WhenShape = "MILL0033";
    public const string CategoryTwice = "MILL0034";
    public const string NoConstructor = "MILL0035";
    public const string SnapshotShape = "MILL0036";
    public const string HandlerResult = "MILL0040";
    public const string HandlerTwice = "MILL0041";
    public const string UnknownAggregate = "MILL0042";
    public const string NoIdMember = "MILL0043";
    public const string ManyIdMembers = "MILL0044";
    public const string FromMember = "MILL0045";
    public const string QueryAggregate = "MILL0046";
    public const string WrongContext = "MILL0047";
    public const string HandlerNoMessage = "MILL0048";
    public const string HandlerHidden = "MILL0049";
    public const string ValidateShape = "MILL0050";
    public const string MessageNameTwice = "MILL0051";
    public const string ParameterByReference = "MILL0052";
    public const string ProjectionShape = "MILL0060";
    public const string ApplyWithoutKey = "MILL0061";
    public const string KeyWithoutApply = "MILL0062";
    public const string ProjectionMethod = "MILL0063";
    public const string ApplyNoEvent = "MILL0064";
    public const string IndexedMember = "MILL0065";
    public const string ProjectionTwice = "MILL0066";
    public const string ProjectionName = "MILL0067";
    public const string ModelTwice = "MILL0070";
    public const string ModelShape = "MILL0071";
    public const string DeciderShape = "MILL0080";
    public const string EvolveShape = "MILL0081";
    public const string DecideShape = "MILL0082";
}
