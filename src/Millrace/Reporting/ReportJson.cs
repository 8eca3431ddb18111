using System.Text.Json.Serialization;

namespace Millrace.Reporting;

/// <summary>The JSON metadata of reports and of the events about them.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters =
    [
        typeof(ReportEnumConverter<ErasureState>),
        typeof(ReportEnumConverter<RequestStatus>),
        typeof(ReportEnumConverter<AuditResult>),
        typeof(ReportEnumConverter<SealStatus>),
    ])]
[JsonSerializable(typeof(ReportDeclaration))]
[JsonSerializable(typeof(DeadlineExtension))]
[JsonSerializable(typeof(ReportFinding))]
[JsonSerializable(typeof(ProcessingActivity))]
[JsonSerializable(typeof(RequestRow))]
[JsonSerializable(typeof(HoldRow))]
[JsonSerializable(typeof(AuditRow))]
[JsonSerializable(typeof(RightRow))]
[JsonSerializable(typeof(RoleRow))]
[JsonSerializable(typeof(DutyRule))]
[JsonSerializable(typeof(DutyConflictRow))]
[JsonSerializable(typeof(ChangeRow))]
[JsonSerializable(typeof(RemovalRow))]
[JsonSerializable(typeof(DeclarationRow))]
[JsonSerializable(typeof(RetentionPolicyRow))]
[JsonSerializable(typeof(RetentionRunRow))]
[JsonSerializable(typeof(RetentionResultRow))]
[JsonSerializable(typeof(RetentionArchiveRow))]
[JsonSerializable(typeof(RetentionKeptRow))]
[JsonSerializable(typeof(RetentionErasureRow))]
[JsonSerializable(typeof(RetentionRemovalRow))]
internal sealed partial class ReportJson : JsonSerializerContext;
