using System.Text.Json.Serialization;

namespace LexCustis.Features.Users;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(InviteUserRequest))]
[JsonSerializable(typeof(InvitedUserResponse))]
[JsonSerializable(typeof(ChangeUserRequest))]
[JsonSerializable(typeof(EraseUserRequest))]
[JsonSerializable(typeof(ErasedUserResponse))]
[JsonSerializable(typeof(UserResponse))]
[JsonSerializable(typeof(UserList))]
internal sealed partial class UsersJson : JsonSerializerContext;
