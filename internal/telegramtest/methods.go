package telegramtest

import (
	"strings"
)

// method is one Bot API method: what it takes and what it does.
type method struct {
	name  string
	takes map[string]bool
	run   func(*request) (any, error)
}

const (
	toChat   = "business_connection_id chat_id message_thread_id direct_messages_topic_id "
	sending  = toChat + "disable_notification protect_content allow_paid_broadcast message_effect_id suggested_post_parameters reply_parameters reply_markup "
	captions = "caption parse_mode caption_entities "
	above    = "show_caption_above_media has_spoiler "
	editing  = "business_connection_id chat_id message_id inline_message_id reply_markup "
)

// methods are the parameters of Bot API 10.1 for the methods a bot of this kind needs.
func methods() map[string]method {
	all := map[string]method{}
	add := func(name, takes string, run func(*request) (any, error)) {
		m := method{name: name, takes: map[string]bool{}, run: run}
		for _, p := range strings.Fields(takes) {
			m.takes[p] = true
		}
		all[strings.ToLower(name)] = m
	}
	add("getMe", "", (*request).getMe)
	add("logOut", "", (*request).logOut)
	add("close", "", (*request).close)
	add("getUpdates", "offset limit timeout allowed_updates", (*request).getUpdates)
	add("setWebhook", "url certificate ip_address max_connections allowed_updates drop_pending_updates secret_token", (*request).setWebhook)
	add("deleteWebhook", "drop_pending_updates", (*request).deleteWebhook)
	add("getWebhookInfo", "", (*request).getWebhookInfo)

	add("sendMessage", sending+"text parse_mode entities link_preview_options", (*request).sendMessage)
	add("sendPhoto", sending+captions+above+"photo", (*request).sendPhoto)
	add("sendVideo", sending+captions+above+"video duration width height thumbnail cover start_timestamp supports_streaming", (*request).sendVideo)
	add("sendAnimation", sending+captions+above+"animation duration width height thumbnail", (*request).sendAnimation)
	add("sendDocument", sending+captions+"document thumbnail disable_content_type_detection", (*request).sendDocument)
	add("sendMediaGroup", toChat+"media disable_notification protect_content allow_paid_broadcast message_effect_id reply_parameters", (*request).sendMediaGroup)
	add("copyMessage", sending+captions+"from_chat_id message_id video_start_timestamp show_caption_above_media", (*request).copyMessage)
	add("forwardMessage", toChat+"from_chat_id message_id video_start_timestamp disable_notification protect_content suggested_post_parameters message_effect_id", (*request).forwardMessage)
	add("sendChatAction", "business_connection_id chat_id message_thread_id action", (*request).sendChatAction)

	add("editMessageText", editing+"text parse_mode entities link_preview_options", (*request).editMessageText)
	add("editMessageCaption", editing+captions+"show_caption_above_media", (*request).editMessageCaption)
	add("editMessageReplyMarkup", editing, (*request).editMessageReplyMarkup)
	add("deleteMessage", "chat_id message_id", (*request).deleteMessage)
	add("deleteMessages", "chat_id message_ids", (*request).deleteMessages)
	add("answerCallbackQuery", "callback_query_id text show_alert url cache_time", (*request).answerCallbackQuery)
	add("getFile", "file_id", (*request).getFile)
	add("getChat", "chat_id", (*request).getChat)
	add("leaveChat", "chat_id", (*request).leaveChat)

	add("setMyCommands", "commands scope language_code", (*request).setMyCommands)
	add("getMyCommands", "scope language_code", (*request).getMyCommands)
	add("deleteMyCommands", "scope language_code", (*request).deleteMyCommands)
	add("setMyName", "name language_code", (*request).setMyName)
	add("getMyName", "language_code", (*request).getMyName)
	add("setMyDescription", "description language_code", (*request).setMyDescription)
	add("getMyDescription", "language_code", (*request).getMyDescription)
	add("setMyShortDescription", "short_description language_code", (*request).setMyShortDescription)
	add("getMyShortDescription", "language_code", (*request).getMyShortDescription)
	add("setChatMenuButton", "chat_id menu_button", (*request).setChatMenuButton)
	add("getChatMenuButton", "chat_id", (*request).getChatMenuButton)
	return all
}
